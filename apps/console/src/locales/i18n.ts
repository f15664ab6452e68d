import { createI18n } from 'vue-i18n';
import { en } from './en.js';
import { zh, type Messages } from './zh.js';

export const LOCALES = ['zh', 'en'] as const;
export type Locale = (typeof LOCALES)[number];
const KEY = 'watchfire.locale';

/** Chinese unless this browser has chosen English before. */
export function storedLocale(storage: Pick<Storage, 'getItem'> = localStorage): Locale {
  return storage.getItem(KEY) === 'en' ? 'en' : 'zh';
}

export function storeLocale(locale: Locale, storage: Pick<Storage, 'setItem'> = localStorage): void {
  storage.setItem(KEY, locale);
}

export const createTexts = (locale: Locale) =>
  createI18n<[Messages], Locale, false>({
    legacy: false,
    locale,
    fallbackLocale: 'zh',
    messages: { zh, en },
  });
