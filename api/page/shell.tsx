import { currentStream } from './current-stream.ts';
import { LiveState } from './live-state.tsx';
import { OrderPage } from './order/order-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { route } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { toggleTheme } from './theme.ts';
import { VideoPage } from './video/video-page.tsx';

/** What is around every page: the bar with the state of the stream, and the sign-in over all. */
export function Shell() {
  const stream = currentStream.value;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          YTEMPIRE
        </a>
        {stream && <LiveState state={stream.state.value} />}
        <nav aria-label="Main">
          <a href="/" aria-current={route.value.kind === 'overview' ? 'page' : undefined}>
            Overview
          </a>
          <a href="/order" aria-current={route.value.kind === 'order' ? 'page' : undefined}>
            New video
          </a>
        </nav>
        <button type="button" class="quiet" onClick={toggleTheme}>
          Light or dark
        </button>
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
