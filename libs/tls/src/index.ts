export { type CertificatePair, certificateDigest, createAuthority, issueServerCertificate } from './certificate-authority.js';
