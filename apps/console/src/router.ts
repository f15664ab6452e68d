import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import AlarmPage from './alarms/alarm-page.vue';

/**
 * Paths behind `#`: the server needs to know one page only. The alarm list is part of the first load; a page that has to be
 * fetched first would be missing on a bad line.
 */
export function createPageRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/alarms' },
      { path: '/alarms', name: 'alarms', component: AlarmPage },
      { path: '/devices', name: 'devices', component: () => import('./fleet/device-page.vue') },
      { path: '/units', name: 'units', component: () => import('./units/unit-page.vue') },
      { path: '/duty-checks', name: 'duty-checks', component: () => import('./duty/duty-page.vue') },
      { path: '/exposure', name: 'exposure', component: () => import('./exposure/exposure-page.vue') },
      { path: '/approvals', name: 'approvals', component: () => import('./approvals/approval-page.vue') },
      { path: '/rules', name: 'rules', component: () => import('./rules/rule-page.vue') },
      { path: '/figures', name: 'figures', component: () => import('./figures/figure-page.vue') },
      {
        path: '/dead-letters',
        name: 'dead-letters',
        component: () => import('./administration/dead-letter-page.vue'),
      },
      {
        path: '/administration',
        name: 'administration',
        component: () => import('./administration/administration-page.vue'),
      },
      { path: '/audit', name: 'audit', component: () => import('./administration/audit-page.vue') },
      { path: '/:rest(.*)*', redirect: '/alarms' },
    ],
  });
}
