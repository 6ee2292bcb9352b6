export const sink = 1;
