-- What may not stand in a public text, and how it is taken out (order 45 art. 6; domain 3.3; P12 of domain 2.7; the Supreme
-- Court's rule for published judgments, 法释〔2016〕19号 art. 10, is the model). Pure functions: a finding is a kind and a
-- place, never a value, so it may be logged and stored. What a kind leads to is data: seeds/rules/redaction_profile.csv.
-- Each kind has a cheap test before its regular expressions, most texts hold nothing.

-- Every place where the pattern matches, from left to right without overlaps: what was found, all that stands between it
-- and the match before, and what comes after it to the end of the next match. A part is the number of a group, which must
-- end the match; the place is then that group. The text is read a fixed number of times, not once for each place, and so
-- it is below: substr of a text in UTF-8 counts its letters from the first one, and a page may hold thousands of numbers.
drop function if exists disclosure.places(text, text, integer);
create or replace function disclosure.matches(value text, pattern text, part integer default 0)
returns table (start_at integer, length integer, found text, before text, after text)
language plpgsql immutable strict parallel safe
as $$
begin
    if value ~ pattern then
        return query
        select
            (sum(char_length(gaps.gap) + char_length(hits.groups[1])) over w - char_length(hits.groups[part + 1]) + 1)::integer,
            char_length(hits.groups[part + 1]),
            hits.groups[part + 1],
            gaps.gap || left(hits.groups[1], char_length(hits.groups[1]) - char_length(hits.groups[part + 1])),
            lead(gaps.gap || coalesce(hits.groups[1], '')) over w
        from regexp_split_to_table(value, pattern) with ordinality as gaps (gap, n)
        left join regexp_matches(value, '(' || pattern || ')', 'g') with ordinality as hits (groups, n) using (n)
        window w as (order by n)
        order by n
        limit regexp_count(value, pattern);
    end if;
end
$$;

-- The text with every letter of these places changed: the first one into the replacement, the others into the filling.
create or replace function disclosure.overlaid(
    value text, starts integer[], lengths integer[], replacements text[], filling text) returns text
language sql immutable parallel safe
return case when starts = '{}' then value else (
    select string_agg(coalesce(placed.letter, letters.letter), '' order by n)
    from string_to_table(value, null) with ordinality as letters (letter, n)
    left join (
        select p.start_at + k as n, case when k = 0 then p.replacement else filling end as letter
        from unnest(starts, lengths, replacements) as p (start_at, length, replacement)
        cross join generate_series(0, p.length - 1) as k
    ) as placed using (n)
) end;

-- The text letter for letter in half width and upper case, so that places stay what they are: every kind of blank is one
-- blank, every letter without width (soft hyphen, joiners, direction marks, variation selectors, controls) is U+200B.
create or replace function disclosure.half_width(value text) returns text
language sql immutable parallel safe
return case
    when value !~ '[^\t\n\r -~一-龥，。；：、（）《》〔〕“”]' then upper(value collate "C")
    else upper(translate(
        regexp_replace(
            regexp_replace(value, '[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u000b\u000c\u0085]', ' ', 'g'),
            '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e'
            '\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff]', U&'\200B', 'g'),
        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＠＋－．',
        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ@+-.'
    ) collate "C")
end;

-- Numbers written in Chinese numerals (一三八〇〇一三八〇〇〇), eleven or more with at most two blanks or hyphens between,
-- as digits.
create or replace function disclosure.numerals_as_digits(value text) returns text
language sql immutable strict parallel safe
return coalesce(
    (
        select string_agg(
            m.before || translate(m.found, '〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖', '0001234567891123456789'), '' order by m.start_at)
            || (array_agg(m.after order by m.start_at desc))[1]
        from disclosure.matches(
            value,
            '[〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖](?:[ \t\r\n\u200b—–‐-]{0,2}[〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){10,}') as m
    ),
    value
);

-- Luhn's check of card numbers (ISO/IEC 7812-1), digits only.
create or replace function disclosure.passes_luhn(digits text) returns boolean
language sql immutable strict parallel safe
return (
    select sum(case when (char_length(digits) - i) % 2 = 0 then d else d * 2 - case when d > 4 then 9 else 0 end end) % 10 = 0
    from generate_series(1, char_length(digits)) as i
    cross join lateral (select substr(digits, i, 1)::integer) as digit (d)
);

-- 公民身份号码 in a text in half width, whatever its groups: eighteen characters with their check character, also next to
-- other digits; alone, with a slip in it too (it still points to its owner) when it is named so or the day of birth is an
-- adult's; alone, the old fifteen digits with a day of birth, unless they are named a registration number (domain 1.3).
create or replace function disclosure.identity_numbers(value text)
returns table (start_at integer, length integer)
language plpgsql immutable strict parallel safe
as $$
declare
    province constant text := '^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}';
    run record;
    digits text;
    bytes bytea;  -- the same digits, of which a slice costs the same wherever it stands
    places integer[];
    named text;
    i integer;
    size integer;
begin
    for run in
        select * from disclosure.matches(
            value, '[0-9](?:[ \t\r\n\u200b·.—–‐-]{0,3}[0-9]){13,}(?:[ \t\r\n\u200b·.—–‐-]{0,3}X)?'
        )
    loop
        select string_agg(c, '' order by n), array_agg((run.start_at + n - 1)::integer order by n) into digits, places
        from string_to_table(run.found, null) with ordinality as letter (c, n)
        where c ~ '[0-9X]';
        size := char_length(digits);
        bytes := digits::bytea;
        named := right(run.before, 14);
        i := 1;
        while i <= size - 17 loop
            digits := encode(substr(bytes, i, 18), 'escape');
            if digits ~ (province || '(?:18|19|20)') and quality.is_identity_number(digits) then
                start_at := places[i];
                length := places[i + 17] - places[i] + 1;
                return next;
                i := i + 18;
            else
                i := i + 1;
            end if;
        end loop;
        start_at := run.start_at;
        length := run.length;
        continue when size > 18 or named ~ '[0-9A-Z]$' or run.after ~ '^[0-9A-Z]';
        digits := encode(bytes, 'escape');
        if size = 18 and digits ~ (province || '(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])')
            and not quality.is_identity_number(digits)
            and (named ~ '身份|证件' or substr(digits, 7, 4) between '1930' and '2008')
        then
            return next;
        elsif size = 15 and digits ~ (province || '[0-9]{9}$') and pg_input_is_valid('19' || substr(digits, 7, 6), 'date')
            and named !~ '注册号|登记号|执照|IMEI|单号|批号|编号|条码'
        then
            return next;
        end if;
    end loop;
end
$$;

-- Bank accounts in a text in half width: sixteen to nineteen digits of a card issuer with Luhn's check, unless they are
-- named the number of something else; and twelve digits or more that are named an account, a firm's too.
create or replace function disclosure.bank_accounts(value text)
returns table (start_at integer, length integer)
language plpgsql immutable strict parallel safe
as $$
declare
    found record;
    digits text;
begin
    for found in
        select * from disclosure.matches(value, '(?<![0-9A-Z])[0-9](?:[ \t\r\n\u200b-]{0,2}[0-9]){15,18}(?![0-9A-Z]|[ -][0-9])')
    loop
        digits := regexp_replace(found.found, '[^0-9]', '', 'g');
        if digits ~ '^(?:62|4|5[0-9]|35|60|95)' and disclosure.passes_luhn(digits)
            and right(found.before, 8)
                !~ '订单|单号|证书|编号|批号|条码|执照|合同|流水|备案|案号|许可|代码'
        then
            start_at := found.start_at;
            length := found.length;
            return next;
        end if;
    end loop;
    if value ~ '[账帐卡汇]|打款' then
        return query select m.start_at, m.length from disclosure.matches(
            value, '(?:账号|帐号|账户|帐户|卡号|银行卡|汇款至|转账至|汇至|打款至)[^0-9。；;]{0,12}([0-9](?:[ \t\r\n\u200b-]{0,2}[0-9]){11,})', 1) as m;
    end if;
end
$$;

-- Names in a text behind a word for somebody who is not penalised. The place is what follows the surname, so that 张三
-- becomes 张某; a name already written so is none. It is certain behind a word that only names people and before the end
-- of a clause or a word that follows names; everything else is possible.
create or replace function disclosure.uninvolved_names(value text)
returns table (is_certain boolean, start_at integer, length integer)
language plpgsql immutable strict parallel safe
as $$
declare
    surname constant text := '(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚])';
    people constant text := '(?:投诉人|举报人|证人|被害人|受害人|被侵权人|受伤人员|伤者|死者|目击者|报案人|见证人)';
    others constant text := '(?:消费者|员工|职工|雇员|店员|服务员|销售员|操作工|保安|司机|驾驶员|学生|患者|业主|租客|顾客|客户|家长|配偶|丈夫|妻子|儿子|女儿|父亲|母亲|联系人)';
    words constant text[] := array[  -- that begin like a name
        '陈述', '陈列', '曾经', '曾多', '曾因', '曾向', '曾在', '曾于', '许可', '许诺', '许多', '方便', '方法', '方式', '方案', '方面', '方才', '方向',
        '高温', '高度', '高空', '高压', '高层', '高价', '高级', '高等', '高危', '高血', '高中', '任何', '任意', '任务', '任职', '周边', '周围', '周末',
        '金额', '金属', '白天', '白色', '白酒', '黄金', '黄色', '余额', '余款', '石油', '石材', '常规', '常年', '常见', '常用', '常驻', '万元', '易燃',
        '何时', '何地', '马上', '马路', '段落', '郑重', '谢绝', '罗列', '姜片', '苏州', '江苏', '江西', '江河', '郑州', '武汉', '沈阳', '杭州', '钱款',
        '康复', '黎明', '雷同', '史料', '毛利', '汤料', '龙头', '田间', '杨梅', '胡乱', '胡椒', '程序', '程度', '宋体', '张贴', '李子', '梁上', '周知', '方提', '方拒', '方未', '方已', '方的'];
    found record;
    before integer;
    rest text;
    size integer;
    follows constant text := '[在的于与和及将把对向从到说称证投举反因未已是为有被等并也均系经当提购电手]';
begin
    for found in
        select true as of_people, p.* from disclosure.matches(
            value, people || '(?:为|是|叫|:|：|姓名)*(' || surname || ')(?=[一-龥])', 1) as p
        union all
        select false, p.* from disclosure.matches(
            value, others || '(?:为|是|叫|:|：|姓名)*(' || surname || ')(?=[一-龥])', 1) as p
    loop
        rest := found.found || left(found.after, 6);
        before := case when left(rest, 2)
            in ('欧阳', '司马', '上官', '诸葛', '东方', '皇甫', '尉迟', '公孙', '慕容', '令狐', '司徒') then 2 else 1 end;
        continue when left(rest, 2) = any (words);
        rest := substr(rest, 1 + before);
        continue when rest !~ '^[一-龥]' or rest ~ '^(?:某|先生|女士|小姐|老师|师傅|经理)';
        size := case
            when rest !~ '^[一-龥]{2}' then 1
            when substr(rest, 2, 1) ~ follows and rest ~ '^[一-龥]{3}' then 1
            else 2
        end;
        rest := substr(rest, 1 + size, 1);
        is_certain := rest = '' or rest ~ '[^一-龥]' or (found.of_people and rest ~ follows);
        start_at := found.start_at + before;
        length := size;
        return next;
    end loop;
end
$$;

-- Home addresses in a text in half width, below the county. A place is a home when the text says that somebody lives there
-- or when it is a dwelling by its words, and not when it is named a place of business. Looked for from its end, the
-- numbers of house and room: what stands before them is read only where there are some.
create or replace function disclosure.home_addresses(value text)
returns table (start_at integer, length integer)
language plpgsql immutable strict parallel safe
as $$
declare
    house constant text := '(?:[0-9A-Z]{1,5}(?:-[0-9]{1,5})?|[甲乙丙]|[一二三四五六七八九十百]{1,4})(?:号楼|号|弄|栋|幢|座|单元|室|楼|层|组|户)';
    apart constant text := '[^,，。;；:：、《》〈〉〔〕()（）“”"\s]';
    found record;
    before text;
    address text;
    above text;
    named text;
begin
    for found in select * from disclosure.matches(value, house || '(?:' || apart || '{0,4}' || house || ')*(?:[0-9]{3,4}(?![0-9年]))?') loop
        before := substring(right(found.before, 40) from apart || '*$');
        continue when right(before, 14) !~ '[路街道巷弄村镇乡里坊庄屯苑庭]|胡同|小区|花园|公寓|家园|宿舍|社区' or right(before, 1) = '第';
        address := before || found.found;
        named := right(found.before, 8 + char_length(before));
        continue when named ~ '经营|注册地|生产|仓库|办公|厂房|门店|店铺|商铺|写字楼|大厦|商场|市场|广场|工业|园区|公司|开设|抽样|检验'
            and named !~ '家住|家庭|户籍|居住|住址';
        continue when (named || address)
            !~ '住址|住所|家住|现住|居住|暂住|户籍|家庭|住于|住在|(?:^|[,，。;；、(（男女族生])住|(?:小区|新村|花园|公寓|家园|苑|宿舍|单元|[栋幢弄号]).*[0-9][室户]|村.*组.*[0-9]号';
        above := substring(address from '^.*[^小社园片厂街校景库苑](?:区|县|旗|市)');
        above := coalesce(above, substring(address from '^.*(?:住址|住所|家住|现住|居住|暂住|户籍|家庭|住)(?:地|址|于|在|为|是)*'), '');
        start_at := found.start_at - char_length(before) + char_length(above);
        length := char_length(address) - char_length(above);
        return next;
    end loop;
end
$$;

-- Every finding in a text: its kind and place (first character from 1, number of characters), from left to right.
create or replace function disclosure.personal_data(value text)
returns table (kind text, start_at integer, length integer)
language plpgsql immutable strict parallel safe
as $$
declare
    plain text;
    starts integer[];
    lengths integer[];
    counted constant text := '(?![0-9A-Z]|(?:[.][0-9]+)? *[元万件台个只条套箱千公吨克米])';
begin
    plain := disclosure.half_width(value);
    if plain ~ '[0-9〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖](?:[ \t\r\n\u200b·.—–‐-]*[0-9〇○零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){10}' then
        plain := disclosure.numerals_as_digits(plain);
        select coalesce(array_agg(i.start_at), '{}'), coalesce(array_agg(i.length), '{}') into starts, lengths
        from disclosure.identity_numbers(plain) as i;
        return query select 'identity_number', i.* from unnest(starts, lengths) as i;
        plain := disclosure.overlaid(plain, starts, lengths, array_fill('□'::text, array[cardinality(starts)]), '□');
        select coalesce(array_agg(m.start_at), '{}'), coalesce(array_agg(m.length), '{}') into starts, lengths
        from disclosure.matches(
            plain,
            -- what stands before is a part of the match, because a look behind goes through the text again for each number
            '(?:^[.-]?|[^0-9A-Z.-]|[^0-9][.-]|TEL|WX|VX|QQ|WECHAT|PHONE|MOBILE)((?:[(（]?[+＋]?(?:00)?86[)）]?[ \u200b-]{0,2})?'
            -- broken by line breaks or letters without width anywhere; in groups of 3, 4, 4 or 4, 3, 4; letter by letter
            '(?:1(?:[ \t]*[\r\n\u200b]+[ \t]*)?[3-9](?:(?:[ \t]*[\r\n\u200b]+[ \t]*)?[0-9]){9}'
            '|1\u200b*[3-9]\u200b*[0-9][ \t\r\n\u200b·.—–‐-]{0,3}(?:[0-9]\u200b*){4}[ \t\r\n\u200b·.—–‐-]{0,3}(?:[0-9]\u200b*){3}[0-9]'
            '|1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4}'
            '|1[ \t\r\n\u200b·.—–‐-]{1,3}[3-9](?:[ \t\r\n\u200b·.—–‐-]{1,3}[0-9]){9}))' || counted, 1
        ) as m;
        return query select 'mobile', m.* from unnest(starts, lengths) as m;
        plain := disclosure.overlaid(plain, starts, lengths, array_fill('□'::text, array[cardinality(starts)]), '□');
        return query select 'bank_account', b.* from disclosure.bank_accounts(plain) as b;
    end if;

    if plain like '%@%' then
        return query select 'e_mail', p.start_at, p.length from disclosure.matches(
            plain, '[0-9A-Z][0-9A-Z._%+-]*@[0-9A-Z-]+(?:[.][0-9A-Z-]+)+') as p;
    end if;
    if plain like any ('{%微信%,%QQ%,%支付宝%}') then
        return query select 'messenger', p.start_at, p.length from disclosure.matches(
            plain, '(?:微信|QQ|支付宝)(?:账号|帐号|号码|号)[:：为是 　]*([A-Z0-9_][A-Z0-9_-]{4,19})', 1) as p;
    end if;
    if plain like any ('{%护照%,%通行证%,%居留%}') then
        return query select 'identity_number', p.start_at, p.length from disclosure.matches(
            plain, '(?:护照|通行证|居留证|居留身份证)(?:证件)?(?:号码|号)?[:：为是 　]*([A-Z]{0,3}[0-9]{7,12})(?![0-9A-Z])', 1) as p;
    end if;
    if plain ~ '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]' then
        return query select 'plate', p.start_at, p.length from disclosure.matches(
            plain,
            '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•. ]?(?=[A-HJ-NP-Z]*[0-9][A-HJ-NP-Z]*[0-9])'
            '(?:[0-9A-HJ-NP-Z]{5,6}|[0-9A-HJ-NP-Z]{4}(?=[挂学警港澳领]))(?![0-9A-Z-])[挂学警港澳领]?') as p
        where right(p.before, 3) !~ '[锅容梯起车游管索瓶][0-9]{2}';
    end if;
    if plain like any ('{%不动产%,%产权%,%房%证%,%房地%,%土地使用%,%国用%,%集用%}') then
        return query select 'title_deed', p.start_at, p.length from disclosure.matches(
            plain,
            '(?:[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?[(（〔][0-9]{4}[)）〕][^,，。;；、\s]{0,12}不动产(?:权|证明)第?[0-9]{1,12}(?:-[0-9]+)?号'
            '|(?:不动产权|房地产权|房产权|房屋所有权|房权|房产|房屋产权|土地使用权|土地使用|产权)证(?:书|明)?(?:编号|证号|号码|号)?[^,，。;；、()（）\n]{0,16}[0-9]{4,}号?'
            '|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?(?:房地|房权|国用|集用)[^,，。;；、\n]{0,14}第?[0-9]{3,}号)') as p;
    end if;
    if plain like any ('{%住%,%户籍%,%家庭%,%小区%,%新村%,%花园%,%公寓%,%家园%,%苑%,%宿舍%,%单元%,%号%室%,%栋%,%幢%,%弄%室%,%村%组%}') then
        return query select 'home_address', h.* from disclosure.home_addresses(plain) as h where h.length > 0;
    end if;
    if plain like any ('{%患%,%诊%,%病历%,%病案%,%住院%,%残疾%}') then
        return query select 'health', p.start_at, p.length from disclosure.matches(
            plain,
            '(?:(?:患有|身患|罹患|确诊为|确诊|诊断为|诊断出)(?!者)[^,，。;；、\s]{0,10}(?:病|症|炎|癌|瘤|结核|梅毒|骨折|阳性|障碍|分裂)'
            '|(?:病历|病案|住院|残疾人证|残疾证)(?:编号|号码|号)[:：为是 　]*[0-9A-Z]{4,})(?![^,，。;；]{0,6}(?:人群|患者|者|人士))') as p
        where right(p.before, 20) !~ '宣传|宣称|广告|声称|功效|适用|标示|治疗|预防';
    end if;
    if plain like '%岁%' then
        return query select 'minor', p.start_at, p.length from disclosure.matches(
            plain,
            '(?:年仅|现年|时年|未满|[男女][,，、]|[(（])((?:1[0-7]|[0-9]|十[一二三四五六七]?|[一二三四五六七八九])周?岁)(?![以及至到儿-])', 1) as p;
    end if;
    if plain like any (
        '{%投诉人%,%举报人%,%证人%,%害人%,%侵权人%,%受伤人员%,%伤者%,%死者%,%目击者%,%报案人%,%消费者%,%员工%,%职工%,%雇员%,%店员%,%服务员%,'
        '%销售员%,%操作工%,%保安%,%司机%,%驾驶员%,%学生%,%患者%,%业主%,%租客%,%客户%,%顾客%,%家长%,%配偶%,%丈夫%,%妻子%,%儿子%,%女儿%,%父亲%,'
        '%母亲%,%联系人%,%见证人%}') then
        return query select case when n.is_certain then 'uninvolved_name' else 'possible_name' end, n.start_at, n.length
        from disclosure.uninvolved_names(plain) as n;
    end if;
end
$$;

-- Whether one of the kinds stands in a text.
create or replace function disclosure.holds(value text, kinds text[]) returns boolean
language sql immutable parallel safe
return exists (select from disclosure.personal_data(value) as p where p.kind = any (kinds));

-- One text as the public may see it. rules: kind → {action, replacement}; remove and replace change the place of the
-- finding and nothing else (order 45 art. 7), keep leaves it, block leaves it and asks a person; so does a kind without
-- a rule. A name that is the party's own is none of anybody else. kinds names what was found, not what it was.
create or replace function disclosure.redact(
    value text, rules jsonb, own_names text[] default '{}',
    out redacted text, out kinds text[], out needs_review boolean)
language plpgsql immutable parallel safe
as $$
declare
    found record;
    action text;
    done_to integer := 1;
    starts integer[] := '{}';
    lengths integer[] := '{}';
    replacements text[] := '{}';
begin
    kinds := '{}';
    needs_review := false;
    for found in select * from disclosure.personal_data(value) as p order by p.start_at, p.length desc loop
        action := coalesce(rules -> found.kind ->> 'action', 'block');
        continue when action = 'keep' or found.start_at + found.length <= done_to;
        continue when found.kind in ('uninvolved_name', 'possible_name') and exists (
            select from unnest(own_names) as own
            where char_length(own) - found.length between 1 and 2
                and substr(value, found.start_at - (char_length(own) - found.length), char_length(own)) = own);
        if not found.kind = any (kinds) then
            kinds := kinds || found.kind;
        end if;
        if action = 'block' then
            needs_review := true;
            continue;
        end if;
        starts := starts || greatest(found.start_at, done_to);
        lengths := lengths || found.start_at + found.length - greatest(found.start_at, done_to);
        replacements := replacements || coalesce(rules -> found.kind ->> 'replacement', '');
        done_to := found.start_at + found.length;
    end loop;
    redacted := disclosure.overlaid(value, starts, lengths, replacements, '');
end
$$;

-- A value of a payload as the public may see it: every text in it, however deep.
create or replace function disclosure.redact_value(
    value jsonb, rules jsonb, own_names text[], out redacted jsonb, out kinds text[], out needs_review boolean)
language plpgsql immutable parallel safe
as $$
declare
    inner_value record;
    part record;
begin
    redacted := value;
    kinds := '{}';
    needs_review := false;
    case jsonb_typeof(value)
        when 'string' then
            select r.* into part from disclosure.redact(value #>> '{}', rules, own_names) as r;
            if part.kinds <> '{}' then
                redacted := to_jsonb(part.redacted);
                kinds := part.kinds;
                needs_review := part.needs_review;
            end if;
        when 'array', 'object' then
            for inner_value in
                select array[(a.place - 1)::text] as path, a.item
                from jsonb_array_elements(case when jsonb_typeof(value) = 'array' then value else '[]' end)
                    with ordinality as a (item, place)
                union all
                select array[o.key], o.value
                from jsonb_each(case when jsonb_typeof(value) = 'object' then value else '{}' end) as o
            loop
                select r.* into part from disclosure.redact_value(inner_value.item, rules, own_names) as r;
                if part.kinds <> '{}' then
                    redacted := jsonb_set(redacted, inner_value.path, part.redacted);
                    kinds := kinds || part.kinds;
                    needs_review := needs_review or part.needs_review;
                end if;
            end loop;
        else
            null;
    end case;
end
$$;

-- A whole payload as the public may see it. profile: field → kind → {action, replacement}, field * for every field and
-- kind * for every kind (int_redaction_profiles); a field of which the profile says "* keep" is not searched. findings
-- are written field:kind. No profile at all blocks.
create or replace function disclosure.redact_payload(
    payload jsonb, profile jsonb, out public jsonb, out findings text[], out needs_review boolean)
language plpgsql immutable parallel safe
as $$
declare
    field record;
    part record;
    own_names text[];
begin
    public := payload;
    findings := case when profile is null then array['*:no_profile'] else '{}' end;
    needs_review := profile is null;
    select array_agg(payload ->> f.key) into own_names
    from jsonb_each(profile) as f
    where f.value -> 'own_name' ->> 'action' = 'keep' and payload ->> f.key is not null;
    for field in
        select e.key, e.value, (profile -> '*') || coalesce(profile -> e.key, '{}') as rules
        from jsonb_each(payload) as e
        where jsonb_typeof(e.value) in ('string', 'array', 'object')
    loop
        continue when field.rules -> '*' ->> 'action' = 'keep';
        select r.* into part from disclosure.redact_value(field.value, field.rules, own_names) as r;
        if part.kinds <> '{}' then
            public := jsonb_set(public, array[field.key], part.redacted);
            findings := findings || array(
                select distinct field.key || ':' || k from unnest(part.kinds) as k order by 1);
            needs_review := needs_review or part.needs_review;
        end if;
    end loop;
end
$$;

grant usage on schema disclosure to loader;  -- the acceptance rules warn of what is found; no table comes with it
do $$
declare
    item regprocedure;
begin
    for item in
        select p.oid from pg_proc as p
        where p.pronamespace = 'disclosure'::regnamespace and p.proname in (
            'matches', 'overlaid', 'half_width', 'numerals_as_digits', 'passes_luhn', 'identity_numbers', 'bank_accounts',
            'uninvolved_names', 'home_addresses', 'personal_data', 'holds', 'redact', 'redact_value', 'redact_payload')
    loop
        execute format('alter function %s owner to ledger_owner', item);
    end loop;
end
$$;
