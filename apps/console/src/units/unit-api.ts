import {
  type AcceptanceView,
  type ComponentImportReply,
  type FireComponentView,
  type FireDialectView,
  type FirePlaceView,
  type FireSystemView,
  type FireUnitFigures,
  type FireUnitSummary,
  type FireUnitView,
  type Page,
} from '@watchfire/contracts';
import { everyPage, newIdempotencyKey, queryOf, type RestClient } from '../rest/rest-client.js';

type New = Readonly<Record<string, unknown>>;

const WHOLE = 500;
const id = encodeURIComponent;

/** The calls about fire units. */
export class UnitApi {
  constructor(private readonly rest: RestClient) {}

  list = (): Promise<FireUnitSummary[]> => this.every<FireUnitSummary>('fire-units');
  dialects = (): Promise<FireDialectView[]> => this.rest.get('fire-dialects');
  unit = (siteId: string): Promise<FireUnitView> => this.rest.get(`fire-units/${id(siteId)}`);
  components = (siteId: string): Promise<FireComponentView[]> =>
    this.every<FireComponentView>(`fire-units/${id(siteId)}/components`);
  systems = (siteId: string): Promise<FireSystemView[]> => this.rest.get(`fire-units/${id(siteId)}/systems`);
  figures = (siteId: string, from: number, to: number): Promise<FireUnitFigures> =>
    this.rest.get(`fire-units/${id(siteId)}/figures`, { from, to });
  /** The image by its hash: another one has another address. */
  planAddress = (siteId: string, { id: placeId, plan }: FirePlaceView): string =>
    `/api/v1/fire-units/${id(siteId)}/places/${id(placeId)}/plan?v=${plan?.hash.slice(0, 16) ?? ''}`;

  put = (siteId: string, body: New, key = newIdempotencyKey()): Promise<FireUnitView> =>
    this.rest.put(`fire-units/${id(siteId)}`, body, key);
  putContacts = (siteId: string, contacts: readonly New[], key: string): Promise<FireUnitView> =>
    this.rest.put(`fire-units/${id(siteId)}/contacts`, { contacts }, key);
  createPlace = (siteId: string, body: New, key: string): Promise<FirePlaceView> =>
    this.rest.post(`fire-units/${id(siteId)}/places`, body, key);
  removePlace = (siteId: string, placeId: string, key: string): Promise<unknown> =>
    this.rest.post(`fire-units/${id(siteId)}/places/${id(placeId)}/remove`, {}, key);
  putPlan = (siteId: string, placeId: string, file: File): Promise<FirePlaceView> =>
    this.rest.upload('PUT', `fire-units/${id(siteId)}/places/${id(placeId)}/plan`, {
      content: file,
      // The server looks for itself; a file without a type must not be taken for JSON.
      type: file.type.startsWith('image/') ? file.type : 'application/octet-stream',
    });
  removePlan = (siteId: string, placeId: string, key: string): Promise<FirePlaceView> =>
    this.rest.post(`fire-units/${id(siteId)}/places/${id(placeId)}/plan/remove`, {}, key);
  changeComponent = (siteId: string, componentId: string, body: New): Promise<FireComponentView> =>
    this.rest.patch(`fire-units/${id(siteId)}/components/${id(componentId)}`, body, newIdempotencyKey());
  importComponents = (siteId: string, deviceId: string, file: File): Promise<ComponentImportReply> =>
    this.rest.upload('POST', `fire-units/${id(siteId)}/components/import${queryOf({ deviceId })}`, {
      content: file,
      type: 'text/csv',
    });

  acceptance = (alarmId: string): Promise<Page<AcceptanceView>> =>
    this.rest.get(`alarms/${id(alarmId)}/acceptance`, { limit: 20 });
  recordAcceptance = (alarmId: string, body: New, key: string): Promise<AcceptanceView> =>
    this.rest.post(`alarms/${id(alarmId)}/acceptance`, body, key);

  private every<T>(path: string): Promise<T[]> {
    return everyPage<T>((cursor) => this.rest.get<Page<T>>(path, { limit: WHOLE, cursor }));
  }
}
