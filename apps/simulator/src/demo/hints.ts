import { type DemoAccount } from '@watchfire/catalogue';

/** A page is opened by name: 0.0.0.0 and :: are addresses to listen on, not to go to. */
export function pageAddress(ready: string): string {
  const url = new URL(ready);
  if (['0.0.0.0', '[::]', '127.0.0.1', '[::1]'].includes(url.hostname)) url.hostname = 'localhost';
  return url.origin;
}

/** What somebody needs who has just started the demo, in both languages. */
export function hints(page: string, accounts: readonly DemoAccount[], devices: number): string {
  const operator = accounts.find(({ role }) => role === 'operator') ?? accounts[0];
  const signIn = operator === undefined ? '' : `${operator.username} / ${operator.password}`;
  return [
    '',
    `  打开页面 / open          ${page}`,
    `  登录 / sign in           ${signIn}  (仅演示用,登录页也有 / demo only, also on the sign-in page)`,
    `  设备 / devices           ${devices} 台正在连接 / connecting`,
    '  约 15 秒后第一起事件开始 / the first incident begins in about 15 s',
    '  停止 / stop              Ctrl-C',
    '',
  ].join('\n');
}
