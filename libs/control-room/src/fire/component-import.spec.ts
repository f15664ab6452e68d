import { describe, expect, test } from '@jest/globals';
import { type Deviation, printedAddress, STANDARD } from '@watchfire/protocol';
import { type FirePlaceRow } from '@watchfire/registry';
import fc from 'fast-check';
import { csvOf } from '../figures/csv.js';
import { readComponentCsv } from './component-csv.js';
import { componentAddress, toComponents } from './component-import.js';

const place = (id: string, kind: FirePlaceRow['kind'], name: string, over: Partial<FirePlaceRow> = {}) => ({
  ...{ id, kind, name, siteId: 'site-a', parentId: null, level: null, use: null, area: null, height: null },
  ...{ plan: null, ...over },
});
const places: FirePlaceRow[] = [
  place('b1', 'building', '门诊楼'),
  place('b2', 'building', '住院楼'),
  place('f1', 'floor', '一层', { parentId: 'b1', level: 1 }),
  place('f2', 'floor', '一层', { parentId: 'b2', level: 1 }),
  place('z1', 'zone', '东区', { parentId: 'f1' }),
  place('z2', 'zone', '中庭', { parentId: 'b1' }),
];
const target = { deviceId: 'dev-1', systemType: 1, systemAddress: 1, deviation: STANDARD, places };

const read = (text: string) => {
  const { lines, problems } = readComponentCsv(Buffer.from(text));
  const meant = toComponents(lines, target);
  return { ...meant, problems: [...problems, ...meant.problems] };
};

describe('a table of components', () => {
  test('[FU7] is read with places by name, types by code or name, and addresses in parts', () => {
    const { components, problems } = read(
      'address,type,description,building,floor,zone,x,y\r\n' +
        '1/17,42,"走廊, 东端",门诊楼,一层,东区,0.25,0.5\r\n' +
        '\r\n' +
        '2/3,手动火灾报警按钮,,住院楼,1,,,\r\n' +
        '77,,,,,,,',
    );
    expect(problems).toEqual([]);
    expect(components).toEqual([
      {
        ...{ deviceId: 'dev-1', systemType: 1, systemAddress: 1, address: 17 * 65_536 + 1 },
        ...{ addressText: '1/17', componentType: 42, label: '走廊, 东端' },
        ...{ floorId: 'f1', zoneId: 'z1', x: 0.25, y: 0.5 },
      },
      expect.objectContaining({ componentType: 23, floorId: 'f2', zoneId: null, x: null, y: null }),
      { deviceId: 'dev-1', systemType: 1, systemAddress: 1, address: 77, addressText: '77/0' },
    ]);
  });

  test('[FU7] names every wrong line, and takes none', () => {
    const { problems } = read(
      '地址,类型,建筑,楼层,防火分区,x,y\n' +
        '1/1,感应器,,,,,\n' +
        '70000/1,,,,,,\n' +
        '1/1,,行政楼,,,,\n' +
        '1/2,,门诊楼,九层,,,\n' +
        '1/3,,门诊楼,一层,中庭,2,0\n' +
        '1/4,,门诊楼,一层,,0.5,\n' +
        '1/5,,,,,0.1,0.1\n' +
        '1/6,,门诊楼,一层,西区,,\n' +
        '1/7,,门诊楼,一层,东区,0,1,more\n',
    );
    expect(problems.map(({ path }) => path).toSorted()).toEqual(
      [
        'line 2',
        'line 3',
        'line 4',
        'line 4',
        'line 5',
        'line 6',
        'line 7',
        'line 8',
        'line 9',
        'line 10',
      ].toSorted(),
    );
  });

  test('[FU7] is refused as a whole where the header is not understood', () => {
    expect(read('').problems).toHaveLength(1);
    expect(read('address,colour\n1/1,red').problems).toEqual([
      { path: 'line 1', message: 'no column is called "colour"' },
    ]);
    expect(read('type\n1').problems).toEqual([{ path: 'line 1', message: 'a column "address" is needed' }]);
  });

  test('[FU7] of a Chinese spreadsheet is read as one of ours: GB 18030, semicolons, quoted line breaks', () => {
    const gb = Buffer.from('b5d8d6b72ccbb5c3f70a312f312cd7dfc0c80a', 'hex');
    expect(readComponentCsv(gb).lines).toMatchObject([{ line: 2, address: '1/1', label: '走廊' }]);
    expect(read('address;description\n1/1;甲\n').components).toMatchObject([{ label: '甲' }]);
    const broken = readComponentCsv(Buffer.from('address,description\n1/1,"a\nb"\n1/2,c\n'));
    expect(broken.lines.map(({ line, label }) => [line, label])).toEqual([
      [2, 'a\nb'],
      [4, 'c'],
    ]);
  });

  test('[FU7] that our own export writes comes back as it was', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), (labels) => {
        const safe = labels.filter((label) => !/^[=+\-@\t\r]/.test(label));
        const table = csvOf(
          ['address', 'description'],
          safe.map((label, index) => [`1/${index}`, label]),
        );
        const { lines } = readComponentCsv(Buffer.from(table));
        expect(lines.map(({ label }) => label.replaceAll('\r', ''))).toEqual(
          safe.map((label) => label.replaceAll('\r', '')),
        );
      }),
    );
  });

  test('an address is read in the parts of the profile, and printed so again', () => {
    const big: Deviation = {
      ...STANDARD,
      address: {
        order: 'big',
        parts: [
          { name: { zh: '回路', en: 'Loop' }, bytes: 1 },
          { name: { zh: '点位', en: 'Point' }, bytes: 3 },
        ],
      },
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.constantFrom(STANDARD, big),
        (raw, profile) => {
          expect(componentAddress(printedAddress(raw, profile.address), profile)).toBe(raw);
          expect(componentAddress(String(raw), profile)).toBe(raw);
        },
      ),
    );
    expect(componentAddress('4294967296', STANDARD)).toBeUndefined();
    expect(componentAddress('1/2/3', STANDARD)).toBeUndefined();
  });
});
