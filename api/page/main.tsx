import { render } from 'preact';
import { watchRoute } from './route.ts';
import { Shell } from './shell.tsx';
import { readTheme } from './theme.ts';

const place = document.getElementById('page');
if (!place) throw new Error('index.html has no place for the page');
readTheme();
watchRoute();
render(<Shell />, place);
