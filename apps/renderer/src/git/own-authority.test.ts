import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { expect, test } from 'vitest';
import { startRendererBench } from '../testing/renderer-bench.js';

