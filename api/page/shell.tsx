import { currentStream } from './current-stream.ts';
import { lazily } from './lazily.tsx';
import { LiveState } from './live-state.tsx';
import { route } from './route.ts';
import { SignIn, SignOut } from './sign-in.tsx';
import { toggleTheme } from './theme.ts';

const OverviewPage = lazily(async () => (await import('./overview/overview-page.tsx')).OverviewPage);
const OrderPage = lazily(async () => (await import('./order/order-page.tsx')).OrderPage);
const VideoPage = lazily<{ id: string }>(async () => (await import('./video/video-page.tsx')).VideoPage);

/** What is around every page: the bar with the state of the stream, and the sign-in over all. */
export function Shell() {
  const stream = currentStream.value;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/" aria-label="YTEMPIRE, overview">
          <Mark />
          <span>YTEMPIRE</span>
        </a>
        <nav aria-label="Main">
          <NavLink to="overview" path="/" name="Overview" />
          <NavLink to="order" path="/order" name="New video" />
          <a href="/docs">API</a>
        </nav>
        {stream && <LiveState state={stream.state.value} />}
        <button type="button" class="quiet" aria-label="Switch between light and dark" onClick={toggleTheme}>
          <HalfMoon />
        </button>
        <SignOut />
      </header>
      <div id="content">
        <View />
      </div>
      <SignIn />
    </>
  );
}

function View() {
  const at = route.value;
  switch (at.kind) {
    case 'overview':
      return <OverviewPage />;
    case 'order':
      return <OrderPage />;
    case 'video':
      return <VideoPage key={at.id} id={at.id} />;
    case 'unknown':
      return (
        <main>
          <h1>There is no such page</h1>
        </main>
      );
  }
}

function NavLink({ to, path, name }: { to: string; path: string; name: string }) {
  return (
    <a href={path} aria-current={route.value.kind === to ? 'page' : undefined}>
      {name}
    </a>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1f6f78" />
      <path d="M12 9.5v13l11-6.5z" fill="#fff" />
      <path d="M7 9v14" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
    </svg>
  );
}

function HalfMoon() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
    </svg>
  );
}
