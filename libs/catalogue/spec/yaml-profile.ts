import { type CatalogueProblem } from '../src/errors.js';
import { type Profile } from '../src/model.js';
import { profileFile } from '../src/profile-schema.js';
import { toProfile } from '../src/to-profile.js';
import { parseYaml } from '../src/yaml-file.js';

/** A pump with a tank, as a profile of YAML. */
const HEAD = `
key: test.pump
version: 1
name: { zh: 泵, en: Pump }
sources: { own: { source: default, confidence: default, note: A test. } }
points:
  - { key: pressure, name: { zh: 压力, en: Pressure }, unit: kPa, type: number, plausible: { min: { value: -1000, from: own }, max: { value: 9000, from: own } } }
  - { key: setPressure, name: { zh: 设定, en: Set }, unit: kPa, type: number, plausible: { min: { value: 0, from: own }, max: { value: 9000, from: own } } }
  - { key: flow, name: { zh: 流量, en: Flow }, unit: m³/h, type: number, plausible: { min: { value: 0, from: own }, max: { value: 9000, from: own } } }
  - { key: word, name: { zh: 状态字, en: State word }, type: number, plausible: { min: { value: 0, from: own }, max: { value: 4294967295, from: own } } }
  - { key: command, name: { zh: 命令, en: Command }, type: boolean }
  - { key: running, name: { zh: 运行, en: Running }, type: boolean }
  - { key: mode, name: { zh: 方式, en: Mode }, type: string }
  - { key: late, name: { zh: 迟到, en: Late }, unit: kPa, type: number, reorderSeconds: { value: 30, from: own }, plausible: { min: { value: 0, from: own }, max: { value: 9000, from: own } } }
attributes:
  - { key: designPressure, name: { zh: 设计压力, en: Design pressure }, unit: kPa, value: { value: 800, from: own } }
  - { key: designFlow, name: { zh: 设计流量, en: Design flow }, unit: m³/h, value: { value: 50, from: own } }
  - { key: owner, name: { zh: 业主, en: Owner }, value: { value: somebody, from: own } }
rules:
  - { key: silent, class: link, title: { zh: 无, en: none }, guidance: { zh: 查, en: look }, condition: { kind: stale, point: pressure, afterSeconds: { value: 600000, from: own }, priority: { value: blue, from: own } } }
  - { key: gone, class: link, title: { zh: 离, en: gone }, guidance: { zh: 查, en: look }, condition: { kind: offline, afterSeconds: { value: 600000, from: own }, priority: { value: blue, from: own } } }
`;

/** A rule of the profile: `condition: {…}` and whatever else, as flow YAML in which `$5` and `$[1, 2]` are values with a source. */
export function yamlOf(rule: string): string {
  const sourced = rule.replaceAll(/\$(\[[^\]]*\]|"[^"]*"|[^\s,}\]]+)/g, '{ value: $1, from: own }');
  return `${HEAD}  - { key: r, class: process, title: { zh: 题, en: Title }, guidance: { zh: 查, en: look }, ${sourced} }\n`;
}

export function profileOfYaml(rule: string): Profile {
  const problems: CatalogueProblem[] = [];
  const file = parseYaml('pump.yaml', yamlOf(rule), profileFile, problems);
  if (file === undefined) throw new Error(problems.map((one) => `${one.path}: ${one.message}`).join('\n'));
  return toProfile(file);
}

/** `file path: message`, each. */
export function problemsOfYaml(rule: string): string[] {
  const problems: CatalogueProblem[] = [];
  parseYaml('pump.yaml', yamlOf(rule), profileFile, problems);
  return problems.map((one) => `${one.file}: ${one.path}: ${one.message}`);
}
