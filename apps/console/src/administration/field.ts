/** One field of a form: a text, or a choice where `options` are given. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly optional?: boolean;
  readonly secret?: boolean;
  readonly hint?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}
