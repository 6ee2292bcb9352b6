/** As in Argo CD, no targetRevision is HEAD. */
export const refOf = ({ targetRevision }: { targetRevision?: string }): string => targetRevision || 'HEAD';
