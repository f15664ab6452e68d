import { type FireComponentView } from '@watchfire/contracts';

type Named = Pick<
  FireComponentView,
  'label' | 'description' | 'typeName' | 'typeNameEn' | 'componentType' | 'addressText'
>;
interface Words {
  readonly t: (key: string, values?: Record<string, unknown>) => string;
  readonly chinese: () => boolean;
}

export function typeOf(component: Named, { t, chinese }: Words): string {
  const { componentType, typeName, typeNameEn } = component;
  const name = chinese() ? typeName : typeNameEn;
  if (name !== null) return name;
  return componentType === null ? t('unit.typeNone') : t('unit.typeOther', { code: componentType });
}

/** What people call it; else what the panel calls it; else what it is and where on the loop. */
export function titleOf(component: Named, words: Words): string {
  const { label, description, addressText } = component;
  return label ?? description ?? `${typeOf(component, words)} ${addressText}`;
}
