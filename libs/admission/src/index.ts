export type { Admission, AdmissionContext, FieldError } from './admission.js';
export { admit, MAX_DOCUMENT_BYTES } from './admit.js';
export { describeErrors } from './describe-errors.js';
export { type DestinationAnswer, findDuplicates, findSharedClusterNames, resolveDestination } from './load-together.js';
export {
  type Destination,
  type GlobalSubscription,
  NOTIFICATIONS_CONFIG_MAP,
  NOTIFICATIONS_SECRET,
  type NotificationCondition,
  type NotificationConfig,
  type NotificationFinding,
  type NotificationService,
  type NotificationTemplate,
  type NotificationTrigger,
  SUBJECT_KINDS,
  type SubjectKind,
} from './notifications/notification-config.js';
export { CHANNEL_TYPES, readNotifications } from './notifications/read-notifications.js';
export { readRecipient } from './notifications/read-subscriptions.js';
export { findUnknownFields, type UnknownField } from './unknown-fields.js';
