export {
  type CertificatePair,
  certificateDigest,
  createAuthority,
  issueServerCertificate,
  selfSignedSealingCertificate,
} from './certificate-authority.js';
