export { dutyVerdicts } from './duty-verdicts.js';
export { GuardWatch, type GuardWatchDependencies } from './guard-watch.js';
