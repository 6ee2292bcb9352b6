export { type Address, AddressPolicy, type AddressPolicyOptions, type ResolveHost } from './address-policy.js';
export { AddressDeniedError, HttpUnavailableError, RedirectRefusedError, ResponseTooLargeError } from './http.errors.js';
export { HttpClient, type HttpClientOptions, type OriginCredential, type OutboundRequest, type OutboundResponse } from './http-client.js';
