import './no-eval.ts';
import { render } from 'preact';
import { createPage } from './page.ts';
import { App } from './shell/app.tsx';
import { PageContext } from './shell/page-context.ts';

const page = createPage();
page.begin();
render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.body,
);
