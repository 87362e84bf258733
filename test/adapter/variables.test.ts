import { describe, expect, test } from 'vitest';
import { standingAt } from './support/debuggee.ts';

describe('scopes', () => {
  test('are arguments, locals and globals, by the protocol’s hints', async () => {
    const session = await standingAt('#ADD_RETURN');
    const { scopes } = await session.client.request('scopes', {
      frameId: (await session.top()).id,
    });
    expect(scopes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Arguments', 'Locals', 'Globals']),
    );
    expect(scopes.find(({ name }) => name === 'Arguments')?.presentationHint).toBe('arguments');
    const locals = scopes.find(({ name }) => name === 'Locals');
    expect(locals).toMatchObject({ presentationHint: 'locals', expensive: false });
  });

  test('show arguments and locals with their types', async () => {
    const session = await standingAt('#ADD_RETURN');
    expect(await session.variable('Arguments', 'left')).toMatchObject({ type: 'ULONG' });
    expect((await session.variable('Locals', 'sum')).value).toMatch(/^0\b/);
  });

  test('show what was never written as such', async () => {
    const session = await standingAt('#FIRST');
    const { value } = await session.variable('Locals', 'small');
    expect(value).toMatch(/never written|\?\?/i);
  });
});

describe('variables', () => {
  test('of a structure have its members, in order', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.variable('Globals', 'Item');
    const members = await session.children(item.variablesReference);
    expect(members.map(({ name }) => name)).toEqual(['Size', 'Numbers', 'Next']);
    expect(members[0]?.value).toMatch(/^(16|0x10)\b/);
  });

  test('of an array come by pages', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.variable('Globals', 'Item');
    const members = await session.children(item.variablesReference);
    const numbers = members.find(({ name }) => name === 'Numbers');
    expect(numbers?.indexedVariables).toBe(200);
    const page = await session.client.request('variables', {
      variablesReference: numbers?.variablesReference ?? 0,
      filter: 'indexed',
      start: 100,
      count: 50,
    });
    expect(page.variables.map(({ name }) => name)).toEqual(
      Array.from({ length: 50 }, (_, index) => `[${100 + index}]`),
    );
    const named = await session.client.request('variables', {
      variablesReference: numbers?.variablesReference ?? 0,
      filter: 'named',
    });
    expect(named.variables).toEqual([]);
  });

  test('follow pointers only when they are opened, in circles as well', async () => {
    const session = await standingAt('#SMALL');
    let members = await session.children(
      (await session.variable('Globals', 'Item')).variablesReference,
    );
    for (let depth = 0; depth < 5; depth++) {
      const next = members.find(({ name }) => name === 'Next');
      expect(next?.variablesReference).toBeGreaterThan(0);
      members = await session.children(next?.variablesReference ?? 0);
    }
    const flat = members.flatMap(({ name }) => name);
    expect(flat.length).toBeGreaterThan(0);
  });

  test('keep their references from stop to stop, so that they stay open', async () => {
    const session = await standingAt('#SMALL');
    const before = await session.variable('Globals', 'Item');
    const next = await session.resume('next');
    const after = await next.variable('Globals', 'Item');
    expect(after.variablesReference).toBe(before.variablesReference);
  });

  test('of an earlier stop are refused until they are seen again', async () => {
    const session = await standingAt('#SMALL');
    const { variablesReference } = await session.variable('Globals', 'Item');
    await session.resume('next');
    await expect(session.children(variablesReference)).rejects.toThrow(/earlier stop/);
  });

  test('can be evaluated by the expression that they carry', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.variable('Globals', 'Item');
    for (const member of await session.children(item.variablesReference)) {
      if (member.name === 'Numbers') continue;
      const { result } = await session.evaluate(member.evaluateName ?? '');
      expect(result).toBe(member.value);
    }
  });
});
