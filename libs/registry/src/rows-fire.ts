import {
  type AcceptanceView,
  type FireContact,
  type FirePlaceKind,
  type FirePlaceView,
  type FireUnitSummary,
  type PlanView,
} from '@watchfire/contracts';

export type FireContactRow = FireContact;
export type PlanRow = PlanView;
export type FireUnitSummaryRow = Omit<FireUnitSummary, 'flaggedAt'>;

/** What makes a site a fire unit. */
export interface FireUnitRow {
  readonly siteId: string;
  readonly kind: FireUnitSummary['kind'];
  readonly address: string | null;
  readonly note: string | null;
  readonly createdAt: number;
}

export interface FirePlaceRow extends FirePlaceView {
  readonly siteId: string;
}

export type NewFirePlace = Omit<FirePlaceRow, 'id' | 'plan'> & { readonly id?: string };
export type FirePlaceChange = Pick<FirePlaceRow, 'name' | 'level' | 'use' | 'area' | 'height'>;
export type { FirePlaceKind };

export interface FireComponentRow {
  readonly id: string;
  readonly deviceId: string;
  readonly systemType: number;
  readonly systemAddress: number;
  /** The four bytes of the wire, low byte first. */
  readonly address: number;
  /** As the panel prints it. */
  readonly addressText: string;
  readonly componentType: number | null;
  readonly description: string | null;
  readonly label: string | null;
  readonly pointId: string | null;
  readonly floorId: string | null;
  readonly zoneId: string | null;
  readonly x: number | null;
  readonly y: number | null;
  readonly states: readonly string[] | null;
  readonly statesAt: number | null;
  readonly fireAt: number | null;
  readonly createdAt: number;
}

export type AcceptanceRow = AcceptanceView & { readonly enterpriseId: string };
