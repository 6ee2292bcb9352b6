import { CONTROL_NAMESPACE, SECRET_TYPE_LABEL } from '@flotilla/contracts';
import { digestBytes, InvalidInputError } from '@flotilla/kernel';

export interface RepositoryRequest {
  url: string;
  username?: string;
  password?: string;
  sshPrivateKey?: string;
  knownHosts?: string;
  ca?: string;
  isTemplate?: boolean;
  project?: string;
}

/** The Secret by which Argo CD users declare a repository, or with `isTemplate` the credentials of all below a URL. */
export function repositorySecret(request: RepositoryRequest): string {
  const { url, username, password, sshPrivateKey, knownHosts, ca, isTemplate = false, project } = request;
  if (/\/\/[^/@]*:[^/@]*@/.test(url)) throw new InvalidInputError('the URL holds a password; give username and password apart');
  const fields = {
    type: 'git',
    url,
    username,
    password,
    sshPrivateKey,
    sshKnownHosts: knownHosts,
    tlsClientCertData: undefined,
    caCert: ca,
    project,
  };
  const stringData = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const name = `${isTemplate ? 'creds' : 'repo'}-${digestBytes(url).slice(0, 12)}`;
  const labels = { [SECRET_TYPE_LABEL]: isTemplate ? 'repo-creds' : 'repository' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: CONTROL_NAMESPACE, labels },
    type: 'Opaque',
    stringData,
  });
}
