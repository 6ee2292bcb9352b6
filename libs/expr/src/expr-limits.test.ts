import { describe, expect, it } from 'vitest';
import { compileExpr, ExprError, ExprFailedError, ExprLimitError, repoNamespace, repoUrlToHttps, timeNamespace } from './index.js';

const run = (source: string, variables = {}) => compileExpr(source).run({ repo: repoNamespace, ...variables });

describe('an expression', () => {
  it('ends at its limits instead of running for ever', () => {
    expect(() => run('all(1..10000, {all(1..10000, {true})})')).toThrow(ExprLimitError);
    expect(() => run("repeat('a', 10000000)")).toThrow(ExprLimitError);
    expect(() => run('1..1000000')).toThrow(ExprFailedError);
    expect(() => compileExpr('('.repeat(500))).toThrow(ExprLimitError);
    expect(() => compileExpr('-'.repeat(5000))).toThrow(ExprLimitError);
    expect(() => compileExpr(`[${'1,'.repeat(4000)}]`)).toThrow(ExprLimitError);
    expect(() => compileExpr('x'.repeat(20_000))).toThrow(ExprLimitError);
    expect(() => run("reduce(1..40, #acc + #acc, 'aaaaaaaa')")).toThrow(ExprLimitError);
  });

  it('matches in time linear in the text, whatever the pattern', () => {
    const text = 'a'.repeat(30_000);
    expect(run("text matches '^(a+)+$'", { text })).toBe(true);
    expect(() => run("any(1..5000, {text matches '(a|aa)+b'})", { text })).toThrow(ExprLimitError);
  });

  it('sees own members only', () => {
    expect(run('app.constructor', { app: {} })).toBeNull();
    expect(run('toString')).toBeNull();
    expect(run("app['__proto__']", { app: {} })).toBeNull();
    expect(run('{"__proto__": {"polluted": true}}.polluted')).toBeNull();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('says where it cannot be read', () => {
    expect(() => compileExpr("app.status == 'x' oder true")).toThrow(/oder.*at character 19/);
    expect(() => compileExpr('a == ')).toThrow(ExprError);
  });

  it('names the variables it reads', () => {
    const { names } = compileExpr(
      "app.status?.health.status == 'x' and time.Now().Sub(time.Parse(app.metadata.creationTimestamp)).Hours() > 1",
    );
    expect(names).toContain('time.Now');
    expect(names).toContain('app.metadata.creationTimestamp');
  });

  it('gives a test true or false, nothing else', () => {
    expect(compileExpr('1 < 2').test({})).toBe(true);
    expect(() => compileExpr('1').test({})).toThrow(ExprFailedError);
    const later = timeNamespace(() => 5_000);
    expect(compileExpr('time.Now().Unix() == 5').test({ time: later })).toBe(true);
  });
});

describe('repo', () => {
  it('reads the addresses Git knows', () => {
    for (const address of [
      'git@git.example.com:shop/config.git',
      'https://git.example.com/shop/config',
      'ssh://git@git.example.com:2222/shop/config.git',
    ]) {
      expect(repoUrlToHttps(address)).toBe('https://git.example.com/shop/config');
      expect(run('repo.FullNameByRepoURL(address)', { address })).toBe('shop/config');
    }
    expect(() => run("repo.RepoURLToHTTPS('nothing')")).toThrow(ExprFailedError);
    expect(() => run("repo.GetCommitMetadata('abc')")).toThrow(/reads no repositories/);
  });
});
