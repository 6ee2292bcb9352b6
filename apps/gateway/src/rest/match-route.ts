import { REST_ROUTES, type RestRoute } from '@flotilla/contracts';

export interface RouteMatch {
  route: RestRoute;
  parameters: Record<string, string>;
}

const compiled = REST_ROUTES.map((route) => ({
  route,
  segments: route.path.split('/').slice(1),
}));

/** The route of a request; `allowed` holds the methods of the path when only the method does not fit. */
export function matchRoute(method: string, path: string): RouteMatch | { allowed: string[] } {
  const segments = path.split('/').slice(1);
  const onPath = compiled.flatMap(({ route, segments: pattern }) => {
    const parameters = matchSegments(pattern, segments);
    return parameters ? [{ route, parameters }] : [];
  });
  // A literal path wins over one with parameters: /v1/applicationsets/generate.
  onPath.sort((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length);
  return onPath.find(({ route }) => route.method === method) ?? { allowed: onPath.map(({ route }) => route.method) };
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i]!;
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== segment : segment === '') return undefined;
    const value = name && decode(segment);
    if (name && value === undefined) return undefined;
    if (name) parameters[name] = value!;
  }
  return parameters;
}

/** A segment that hides a slash or is not UTF-8 matches nothing. */
function decode(segment: string): string | undefined {
  try {
    const text = decodeURIComponent(segment);
    return text.includes('/') ? undefined : text;
  } catch {
    return undefined;
  }
}
