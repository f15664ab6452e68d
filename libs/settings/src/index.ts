export { loadSettings, redacted, SettingsError, type LoadOptions } from './load.js';
export { type Settings } from './schema.js';
