export { loadSettings, redacted, SettingsError, type LoadOptions } from './load.js';
export { settingsSchema, type Settings } from './schema.js';
