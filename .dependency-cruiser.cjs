/** Which package may know which: the picture in docs/architecture.md, held by a test. */
const only = (name, owners, target, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^(apps|libs)/', pathNot: owners },
  to: { path: target },
});
const pure = (lib, allowed = '^$') => ({
  name: `${lib}-is-pure`,
  severity: 'error',
  comment: `libs/${lib} is replayed or shared with the page: it imports no framework, no I/O and nothing of ours.`,
  from: { path: `^libs/${lib}/`, pathNot: ['\\.spec\\.ts$', `^libs/${lib}/spec/`] },
  to: { pathNot: [`^libs/${lib}/`, allowed] },
});

module.exports = {
  forbidden: [
    pure('readings'),
    pure('alarm', '^(libs/readings/|node_modules/jsep/)'),
    pure('figures', '^libs/(alarm|readings)/'),
    pure('protocol', '^(libs/readings/|node_modules/protobufjs/)'),
    pure('contracts', '^node_modules/zod/'),
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle means that two packages are one.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'libs-do-not-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'console-knows-only-contracts',
      severity: 'error',
      from: { path: '^apps/console/' },
      to: { path: '^libs/', pathNot: '^libs/contracts/' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['\\.spec\\.ts$', '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    only('only-gateway-knows-aedes', ['^libs/gateway/'], 'node_modules/aedes', 'One broker, one adapter.'),
    only(
      'who-is-an-mqtt-client',
      ['^apps/simulator/', '^libs/gateway/', '\\.spec\\.ts$'],
      'node_modules/mqtt/',
    ),
    only(
      'only-control-room-knows-socket-io',
      ['^libs/control-room/', '^apps/console/', '\\.spec\\.ts$'],
      'node_modules/socket\\.io(-client)?/',
    ),
    only('only-history-knows-influxdb', ['^libs/history/'], 'node_modules/@influxdata/'),
    only(
      'sqlite-in-three-stores',
      ['^libs/(journal|history|registry)/'],
      'node_modules/@photostructure/sqlite',
      'SQLite is an adapter of the journal, the history and the registry, and of nothing else.',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '^(dist|data)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
