import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutations.js';
import { table } from './report.js';
import { type Result, Workshop } from './workshop.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    table: { type: 'boolean' },
  },
});
const { only } = values;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const chosen = MUTATIONS.filter(({ name }) => only === undefined || only.includes(name));
if (chosen.length === 0) {
  print(`There is no mutation ${only?.join(', ') ?? ''}; --list names them.`);
  process.exit(2);
}
if (values.list === true) {
  for (const { name, rule, file } of chosen) print(`${name}  ${rule}  ${file}`);
  process.exit(0);
}

const workshop = await Workshop.open(process.cwd());
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => workshop.close());

const specs = [...new Set(chosen.flatMap((mutation) => mutation.specs))];
print(`without a mutation: ${specs.length} test files …`);
const whole = await workshop.test(specs);
if (whole.failed) {
  print(`${whole.output}\nThe tests fail as they are: nothing can be said.`);
  process.exit(2);
}

const results: Result[] = [];
for (const mutation of chosen) {
  const result = await workshop.try(mutation);
  results.push(result);
  print(`${result.outcome.padEnd(15)} ${mutation.name} (${mutation.rule}) ${result.seconds.toFixed(1)} s`);
  if (result.outcome === 'broken') print(result.output);
}
if (values.table === true) print(table(results));
const caught = results.filter(({ outcome }) => outcome === 'caught').length;
print(`${caught} of ${results.length} caught`);
process.exit(caught === results.length ? 0 : 1);
