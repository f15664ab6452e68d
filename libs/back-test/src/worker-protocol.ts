import { type SampleColumns } from '@watchfire/history';
import { type BackTestResult } from './model.js';

/** From the thread. The plan is its `workerData`; it ends by itself after `done` or `failed`. */
export type FromWorker =
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly pointId: string;
      readonly from: number;
      readonly to: number;
      readonly limit: number;
    }
  | { readonly kind: 'progress'; readonly progress: number }
  | { readonly kind: 'done'; readonly result: BackTestResult }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** To the thread: the answer to a `read`. The memory of the columns belongs to the thread from then on. */
export type ToWorker =
  | { readonly kind: 'columns'; readonly id: number; readonly columns: SampleColumns }
  | { readonly kind: 'unreadable'; readonly id: number; readonly code: string; readonly message: string };
