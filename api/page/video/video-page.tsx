import { useEffect, useMemo } from 'preact/hooks';
import { signIns } from '../api.ts';
import { currentStream } from '../current-stream.ts';
import { Bill } from './bill.tsx';
import { Downloads } from './downloads.tsx';
import { Header } from './header.tsx';
import { Licences } from './licences.tsx';
import { Log } from './log.tsx';
import { Moves } from './moves.tsx';
import { Player } from './player.tsx';
import { StageList } from './stage-list.tsx';
import { WatchedVideo } from './watch-video.ts';

/** One video: what it is, how far it is, what it cost, what came of it, and what can be done with it. */
export function VideoPage({ id }: { id: string }) {
  const signedIn = signIns.value;
  // A new key asks for everything again.
  const watched = useMemo(() => new WatchedVideo(id), [id, signedIn]);
  useEffect(() => {
    const stop = watched.stream.subscribe((stream) => {
      currentStream.value = stream;
    });
    const look = () => {
      if (!document.hidden) watched.lookAgain();
    };
    // A tab that is turned to, and a window beside others that is gone to.
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
      stop();
      currentStream.value = null;
      watched.close();
    };
  }, [watched]);
  return <Watched watched={watched} />;
}

function Watched({ watched }: { watched: WatchedVideo }) {
  const video = watched.video.value;
  const title = video?.subject;
  useEffect(() => {
    document.title = title ? `${title} · YTEMPIRE` : 'YTEMPIRE';
  }, [title]);
  if (!video) return <Absent fault={watched.fault.value} />;
  return (
    <main class="video">
      <Header video={video} />
      <div class="columns">
        <div class="column">
          <StageList video={video} running={watched.running} />
        </div>
        <div class="column beside">
          <Player video={video} />
          <Moves video={video} onAnswer={(answer) => watched.put(answer)} />
          <Downloads video={video} />
          <Licences video={video} />
        </div>
        <div class="column">
          <Log lines={watched.log} />
          <Bill video={video} costs={watched.costs.value} />
        </div>
      </div>
    </main>
  );
}

function Absent({ fault }: { fault: string }) {
  return (
    <main class="video">
      <h1>{fault ? 'This video cannot be shown' : 'Loading'}</h1>
      <p role={fault ? 'alert' : undefined}>{fault}</p>
      <p>
        <a href="/">Back to all videos</a>
      </p>
    </main>
  );
}
