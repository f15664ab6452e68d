/** What the server itself says of a duty check of a device, with the check in its data: an event of the journal, and of no wire. */
export const DUTY_CHECK_EVENT = 'duty-check';
