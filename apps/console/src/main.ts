import { createApp } from 'vue';
import App from './app.vue';
import { createTexts, storedLocale } from './locales/i18n.js';
import { createPageRouter } from './router.js';
import { createWorkstation, workstationKey } from './seat/workstation.js';
import './theme/base.css';

const workstation = createWorkstation();
createApp(App)
  .use(createTexts(storedLocale()))
  .use(createPageRouter())
  .provide(workstationKey, workstation)
  .mount('#app');
