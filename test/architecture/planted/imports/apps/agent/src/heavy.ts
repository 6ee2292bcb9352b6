export { NestFactory } from '@nestjs/core';
