import {
  type Alarm,
  type ApprovalView,
  type HistoryReply,
  type LoginReply,
  type NewDeviceReply,
  type Page,
} from '@watchfire/contracts';
import { ADMIN_PASSWORD } from './server-process.js';

export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** A person or a script that uses the REST API. */
export class ApiClient {
  readonly #base: string;
  #token: string | undefined;
  #second: Promise<ApiClient> | undefined;

  constructor(private readonly serverUrl: string) {
    this.#base = `${serverUrl}/api/v1`;
  }

  static async signedIn(
    serverUrl: string,
    username = 'admin',
    password = ADMIN_PASSWORD,
  ): Promise<ApiClient> {
    const client = new ApiClient(serverUrl);
    const { accessToken } = await client.post<LoginReply>('/auth/login', { username, password });
    client.#token = accessToken;
    return client;
  }

  get token(): string {
    if (this.#token === undefined) throw new Error('not signed in');
    return this.#token;
  }

  async request<T>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }

  /** @throws Error with the problem details when the answer is no success. */
  async get<T>(path: string): Promise<T> {
    return this.#success<T>('GET', path);
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    return this.#success<T>('POST', path, body);
  }

  async put<T>(path: string, body?: unknown): Promise<T> {
    return this.#success<T>('PUT', path, body);
  }

  /** A change of a rule of a safety class: a second person agrees to it. */
  async putByTwo(path: string, body: unknown): Promise<void> {
    const { id } = await this.put<ApprovalView>(path, body);
    this.#second ??= this.#secondPerson();
    await (await this.#second).post(`/approvals/${id}/approve`, {});
  }

  async #secondPerson(): Promise<ApiClient> {
    const person = { username: 'second', password: 'agrees-in-a-test' };
    await this.post('/users', { ...person, displayName: 'Second', role: 'supervisor' });
    return ApiClient.signedIn(this.serverUrl, person.username, person.password);
  }

  /** An enterprise with one site. */
  async createSite(name = 'Test site'): Promise<{ enterpriseId: string; siteId: string }> {
    const enterprise = await this.post<{ id: string }>('/enterprises', { name: `${name} Ltd` });
    const site = await this.post<{ id: string }>('/sites', { enterpriseId: enterprise.id, name });
    return { enterpriseId: enterprise.id, siteId: site.id };
  }

  createDevice(siteId: string, profile: string, deviceId: string): Promise<NewDeviceReply> {
    return this.post<NewDeviceReply>('/devices', { siteId, profile, name: deviceId, deviceId });
  }

  async alarms(query = 'state=active'): Promise<readonly Alarm[]> {
    return (await this.get<Page<Alarm>>(`/alarms?limit=1000&${query}`)).items;
  }

  history(pointId: string, from: number, to: number, more = ''): Promise<HistoryReply> {
    return this.get<HistoryReply>(`/points/${pointId}/history?from=${from}&to=${to}&limit=100000${more}`);
  }

  async #success<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request<T>(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
