# SPDX-License-Identifier: LGPL-2.1-or-later

"""What was measured: as a table, as README's figures, and as a plot."""

import math
import re

KINDS = {'hit': 'hit', 'miss': 'miss', 'guest': 'hit by domain name'}


def us(ns):
    return f'{ns / 1000:.1f}' if ns < 100000 else f'{ns / 1000:.0f}'


def ms(ns):
    return f'{ns / 1e6:.1f}' if ns < 1e8 else f'{ns / 1e6:.0f}'


def ratio(a, b):
    x = a / b
    return f'{x:.2f}' if x >= 0.1 else f'{x:.2g}'


def grid(head, rows):
    """rows: the first column's text, and the others'."""
    lines = [head] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return '\n'.join('  ' + '  '.join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:])])
                     for line in lines) + '\n'


def sizes(part):
    return sorted(part, key=int)


def paired(part, cell):
    """Rows for ours and libvirt's, and the ratio of both; cell() gives (median, p99) of one."""
    rows = []
    for kind, title in KINDS.items():
        found = {whose: [cell(part[n][kind], whose) for n in sizes(part)] for whose in ('ours', 'theirs')}
        for whose, text in (('ours', 'ours'), ('theirs', "libvirt's")):
            rows.append([f'{title}, {text}'] + [us(c[0]) if c else '–' for c in found[whose]])
            rows.append(['  p99'] + [us(c[1]) if c and c[1] else '–' for c in found[whose]])
        rows.append(['  ratio of the medians'] + [ratio(a[0], b[0]) if b else '–'
                                                  for a, b in zip(found['ours'], found['theirs'])])
    return grid(['leases'] + sizes(part), rows)


def warm(part):
    return ('One lookup in a process that has made some, µs; in blocks of 300; of 30 at 1000 and 10000 leases\n\n' +
            paired(part, lambda p, whose: (p[whose]['median'], p[whose]['p99']) if whose in p else None))


def fresh(part):
    texts = []
    for clock, title in (('wall', 'of wall-clock time'), ('cpu', 'of CPU time')):
        def extra(p, whose):
            return (p[whose][clock]['median'] - p['files'][clock]['median'], None) if whose in p else None

        files = min(part[n]['miss']['files'][clock]['median'] for n in sizes(part))
        texts.append(f'A process with one getaddrinfo(): µs {title} beyond that with "hosts: files" ({us(files)})\n\n' +
                     '\n'.join(line for line in paired(part, extra).split('\n') if not line.startswith('    p99')))
    return '\n'.join(texts)


def files(part):
    rows = []
    for whose, title in (('ours', 'ours'), ('files', "glibc's files")):
        rows.append([title] + [us(part[n][whose]['median']) for n in sizes(part)])
        rows.append(['  p99'] + [us(part[n][whose]['p99']) for n in sizes(part)])
    return ("One lookup by hostname in such a process, µs, beside glibc's own source \"files\", with as many lines in "
            '/etc/hosts\n\n' + grid(['leases, or lines'] + sizes(part), rows))


def threads(part):
    one, two = part['one'], part['two']
    return ('Threads, 100 leases, ns for each lookup of each thread (two threads make twice the lookups)\n\n' +
            grid(['', 'one', 'two', 'lookups, two : one'],
                 [[title, str(one[clock][how]), str(two[clock][how]), f'{2 * one[clock][how] / two[clock][how]:.2f}']
                  for title, clock, how in (('wall-clock time, median', 'wall', 'median'), ('  least', 'wall', 'min'),
                                            ('CPU time, median', 'cpu', 'median'))]))


def bus(part):
    rows = []
    for n in sizes(part):
        p = part[n]
        rows += [[f'{n} leases, {kind}', us(p[kind]['min']), us(p[kind]['median']), us(p[kind]['p99']),
                  ratio(p[kind]['min'], p['ping']['min']), ratio(p[kind]['median'], p['ping']['median'])]
                 for kind in ('ping', 'hit', 'miss')]
    return ('ResolveHostname() on one connection, µs, against Peer.Ping() to the same service\n\n' +
            grid(['', 'least', 'median', 'p99', 'least : Ping', 'median : Ping'], rows))


def clients(part):
    return ('Calls a second, over dbus-daemon\n\n' +
            grid(['clients'] + sizes(part),
                 [['ResolveHostname()'] + [str(round(part[n]['hit'])) for n in sizes(part)],
                  ['Ping()'] + [str(round(part[n]['ping'])) for n in sizes(part)]]))


def change(part):
    rows = []
    for n in sizes(part):
        p = part[n]
        rows.append([n, ms(p['parse']['median']), ms(p['answer']['median']),
                     ratio(p['answer']['median'], p['parse']['median']), ms(p['published']['median']),
                     ms(p['parse-cpu']['median']), ms(p['answer-cpu']['median']),
                     ratio(p['answer-cpu']['median'], p['parse-cpu']['median']), ms(p['published-cpu']['median'])])
    return ("A change, ms: jansson's parse alone; from the rename to the new answer on the bus, to the new index; "
            "then the same in CPU time\n\n" +
            grid(['leases', 'parse', 'answer', ': parse', 'index', 'parse', 'answer', ': parse', 'index'], rows))


def burst(part):
    return ('250 leases, rewritten as when a network starts\n\n' +
            grid(['', 'readings', 'parses', 'CPU ms'],
                 [[title, str(part[key]['readings']), str(part[key]['parses']), ms(part[key]['cpu'])] for title, key in
                  (('once', 'one'), ('250 times in a second', 'burst'),
                   ('the same, a lookup after each', 'asked'), ('100 times, no byte changed', 'unchanged'))]))


def service(part):
    rows = []
    for n in sizes(part):
        p = part[n]
        rows.append([n, f'{p["ready-seconds"] * 1000:.0f}', f'{p["resident-kb"] / 1024:.1f}',
                     f'{p["resident-after-change-kb"] / 1024:.1f}', f'{p["peak-kb"] / 1024:.1f}',
                     f'{p["index-bytes"] / 1048576:.1f}', f'{p["idle-wake-ups"]} in {p["idle-seconds"]} s',
                     f'{p["idle-cpu"] / 1000:.0f}'])
    return ('The service\n\n' +
            grid(['leases', 'READY after ms', 'resident MB', 'after a change', 'peak MB', 'index MB', 'wake-ups',
                  'CPU µs then'], rows))


def module(part):
    return ('A module\n\n' +
            grid(['', 'bytes', 'segments', 'relocations', 'page faults', 'dlopen µs', 'least'],
                 [[title, str(part[key]['bytes']), str(part[key]['segments']), str(part[key]['relocations']),
                   str(part[key]['faults']), us(part[key]['ns']['median']), us(part[key]['ns']['min'])]
                  for title, key in (('ours', 'ours'), ("libvirt's", 'theirs'), ('one that does nothing', 'null'))]))


def table(results):
    m = results['machine']
    head = (f'{m["processors"]} × {m["model"]}, Linux {m["kernel"]}, load {m["load"]:.1f}; '
            f"libvirt's: {m['theirs']}\n")
    parts = []
    for name, part in results.items():
        if name != 'machine':
            later = m.get('later', {}).get(name)
            parts.append(globals()[name](part) + (f'\n  Measured later, load {later:.1f}\n' if later else ''))
    return '\n'.join([head] + parts)


# ---- README's figures ----

BEGIN = '<!-- Written by bench/run, up to the next comment. -->'
END = '<!-- End of what bench/run wrote. -->'


def count(n):
    """10000 as people write it."""
    return f'{int(n):,}'.replace(',', ' ') if int(n) >= 10000 else str(n)


def span(values, form):
    texts = [form(v) for v in (min(values), max(values))]
    return texts[0] if texts[0] == texts[1] else f'{texts[0]} to {texts[1]}'


def duration(ns):
    return f'{us(ns)} µs' if ns < 1e6 else f'{ms(ns)} ms'


def markdown(head, rows):
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in [head, ['---'] * len(head), *rows])


def figures(results):
    """Against libvirt's modules, by hostname; then the service."""
    lookups, processes, found = results['warm'], results['fresh'], results['files']

    def warm_row(whose):
        return [us(lookups[n]['hit'][whose]['median']) if whose in lookups[n]['hit'] else '' for n in sizes(lookups)]

    def fresh_row(whose):
        hits = [processes[n]['hit'] for n in sizes(processes)]
        return [us(h[whose]['wall']['median'] - h['files']['wall']['median']) if whose in h else '' for h in hits]

    ours, theirs = ([lookups[n]['hit'][whose]['median'] for n in sizes(lookups) if whose in lookups[n]['hit']]
                    for whose in ('ours', 'theirs'))
    calls = [p['hit']['median'] / p['ping']['median'] for p in results['bus'].values()]
    changes = [p['answer']['median'] / p['parse']['median'] for n, p in results['change'].items() if int(n) >= 1000]
    services = results['service']
    wake_ups = sum(p['idle-wake-ups'] for p in services.values())
    memory = ' and '.join(f'{services[n]["resident-kb"] / 1024:.0f} MB at {count(n)} leases' for n in ('1000', '100000'))
    return '\n\n'.join([
        f"![Median time of one lookup over the number of leases: libvirt's modules take {duration(theirs[0])} to "
        f"{duration(theirs[-1])}, these {us(min(ours))} to {us(max(ours))} µs](bench/results/latency.svg)",
        "Against libvirt's own modules, median of one lookup by hostname:",
        markdown(['leases'] + [count(n) for n in sizes(lookups)],
                 [["libvirt's, µs"] + warm_row('theirs'), ['ours, µs'] + warm_row('ours'),
                  ["in a new process: libvirt's, µs"] + fresh_row('theirs'),
                  ['in a new process: ours, µs'] + fresh_row('ours')]),
        "glibc's own source `files` takes " +
        ', '.join(f'{duration(found[n]["files"]["median"])} with {count(n)} {"line" if n == "1" else "lines"}'
                  for n in ('1', '100', '100000')) +
        ' in `/etc/hosts`; ours, in the same process, ' +
        f'{span([p["ours"]["median"] for p in found.values()], us)} µs.',
        f'The service uses {memory}'
        f'{", and does not wake up while it is idle" if wake_ups == 0 else ""}.\n'
        f'A lookup over D-Bus takes {span(calls, lambda x: f"{x:.2f}")} times as long as a Ping. '
        'From 1000 leases on, the answer after a change takes\n'
        f'{span(changes, lambda x: f"{x:.1f}")} times as long as parsing the changed file; with 10 leases it takes '
        f'{ms(results["change"]["10"]["answer"]["median"])} ms.',
    ])


def in_readme(text, results):
    """The text, with these figures between its comments."""
    new, n = re.subn(f'(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})', lambda _: f'\n{figures(results)}\n\n', text,
                     flags=re.DOTALL)
    if n != 1:
        raise SystemExit('README.md lacks the comments around its figures')
    return new


# ---- the plot ----

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 70, 44, 190, 50
LINES = [('theirs', 'guest', "libvirt's, by domain name", '#e8a33d'), ('theirs', 'hit', "libvirt's, by hostname", '#c0392b'),
         ('ours', 'guest', 'ours, by domain name', '#7fb3d5'), ('ours', 'hit', 'ours, by hostname', '#1f4e79')]


def plot(results):
    """Latency over the number of leases, both axes logarithmic."""
    part = results['warm']
    most = max(int(n) for n in part)
    low, high = 1, 1e4     # µs

    def x(n):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(n) / math.log10(most)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log10(value / low) / math.log10(high / low)

    def text(at_x, at_y, what, anchor='middle', extra=''):
        return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}"{extra}>{what}</text>'

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
           ' font-family="sans-serif" font-size="12">', '<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           text(LEFT, 22, 'One lookup, median', 'start', ' font-size="15" font-weight="bold"')]
    for value, label in ((1, '1 µs'), (10, '10 µs'), (100, '100 µs'), (1000, '1 ms'), (10000, '10 ms')):
        svg += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>',
                text(LEFT - 8, y(value) + 4, label, 'end')]
    for n in part:
        svg.append(text(x(int(n)), HEIGHT - BOTTOM + 20, count(n)))
    svg.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'leases'))

    labels = []
    for whose, kind, title, colour in LINES:
        points = [(x(int(n)), y(part[n][kind][whose]['median'] / 1000)) for n in sizes(part) if whose in part[n][kind]]
        path = ' '.join(f'{a:.1f},{b:.1f}' for a, b in points)
        svg.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        svg += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        # One below the other where lines end close together.
        at = points[-1][1]
        while any(abs(at - other) < 15 for other in labels):
            at += 3
        labels.append(at)
        svg.append(text(points[-1][0] + 10, at + 4, title, 'start', f' fill="{colour}"'))
    return '\n'.join(svg + ['</svg>']) + '\n'
