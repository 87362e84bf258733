import { expect, test } from 'vitest';
import { newClient } from '../support/debuggee.ts';

test('a launch that waits for a file can be cancelled', async () => {
  const client = newClient({ files: () => new Promise(() => undefined) });
  await client.initialize();
  const launch = client.send('launch', { program: '/never.dms' });
  const answered = expect(launch.body).rejects.toThrow('cancelled');
  await client.request('cancel', { requestId: launch.seq });
  await answered;
});

test('a launch that waits for a file ends with the session', async () => {
  const client = newClient({ files: () => new Promise(() => undefined) });
  await client.initialize();
  const answered = expect(client.request('launch', { program: '/never.dms' })).rejects.toThrow(
    'cancelled',
  );
  await client.request('disconnect', {});
  await answered;
});

test('what has ended already can be cancelled without harm', async () => {
  const client = newClient();
  await client.initialize();
  await client.request('cancel', { requestId: 1 });
});
