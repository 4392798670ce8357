-- Pure functions of the row rules: text in, boolean or text out, null in gives null out. They are the one
-- definition of each check; expectations/*.yml and the contracts name them, tests hold them against python-stdnum.
-- Those that run for every cell of every row are written so that the planner can inline them, which makes them five
-- times as fast: not strict (a strict one with CASE is not inlined), one expression, of the default collation.

-- Text without surrounding blanks (full-width and non-breaking ones too); blank becomes null.
create or replace function quality.clean_text(value text) returns text
language sql immutable parallel safe
return nullif(btrim(value, E' \t\r\n\u00a0\u3000\ufeff'), '');

-- Text in half width without surrounding blanks: how dates and amounts are read.
create or replace function quality.half_width(value text) returns text
language sql immutable parallel safe
return case
    when octet_length(value) = char_length(value) then nullif(btrim(value, E' \t\r\n'), '')
    else normalize(nullif(btrim(value, E' \t\r\n\u00a0\u3000\ufeff'), ''), nfkc)
end;

-- Code: NFKC (full-width to half-width), upper case, no blanks at all; blank becomes null.
-- Plain ASCII, the usual case, takes a road without normalisation and regular expression; six times replace costs a
-- fifth of one translate.
create or replace function quality.clean_code(value text) returns text
language sql immutable parallel safe
return case
    when octet_length(value) = char_length(value)
        then nullif(replace(replace(replace(replace(replace(replace(
            upper(value collate "C") collate "default", ' ', ''), E'\t', ''), E'\r', ''), E'\n', ''), E'\x0b', ''), E'\f', ''), '')
    else nullif(normalize(upper(regexp_replace(normalize(value, nfkc), '[\s\u200b\ufeff]', '', 'g')), nfkc), '')
end;

-- 文号 with every kind of bracket around its year written 〔〕; other brackets, as in 沪市监(浦)处罚, are part of the number.
create or replace function quality.document_no(value text) returns text
language sql immutable strict parallel safe
return regexp_replace(quality.clean_code(value), '[〔【[(]([0-9]{4})[]〕】)]', '〔\1〕', 'g');

-- 统一社会信用代码, GB 32100-2015: alphabet, six digits of region, check character (weights 3^(i-1) mod 31).
-- worth holds for each byte from '0' to 'Y' the character's value; 17 look-ups in bytes cost a third of a set-returning loop.
create or replace function quality.is_uscc(code text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    worth constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f101100121314151600171819001a1b001c1d1e';
    b bytea;
begin
    if code !~ '^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$' then
        return false;
    end if;
    b := code::bytea;
    return (get_byte(worth, get_byte(b, 0) - 48) + get_byte(worth, get_byte(b, 1) - 48) * 3
          + get_byte(worth, get_byte(b, 2) - 48) * 9 + get_byte(worth, get_byte(b, 3) - 48) * 27
          + get_byte(worth, get_byte(b, 4) - 48) * 19 + get_byte(worth, get_byte(b, 5) - 48) * 26
          + get_byte(worth, get_byte(b, 6) - 48) * 16 + get_byte(worth, get_byte(b, 7) - 48) * 17
          + get_byte(worth, get_byte(b, 8) - 48) * 20 + get_byte(worth, get_byte(b, 9) - 48) * 29
          + get_byte(worth, get_byte(b, 10) - 48) * 25 + get_byte(worth, get_byte(b, 11) - 48) * 13
          + get_byte(worth, get_byte(b, 12) - 48) * 8 + get_byte(worth, get_byte(b, 13) - 48) * 24
          + get_byte(worth, get_byte(b, 14) - 48) * 10 + get_byte(worth, get_byte(b, 15) - 48) * 30
          + get_byte(worth, get_byte(b, 16) - 48) * 28 + get_byte(worth, get_byte(b, 17) - 48)) % 31 = 0;
end
$$;

-- 组织机构代码, GB 11714: eight characters and a check character, without hyphen.
create or replace function quality.is_organisation_code(code text) returns boolean
language sql immutable strict parallel safe
return case
    when code !~ '^[0-9A-Z]{8}[0-9X]$' then false
    else (
        select case 11 - sum((strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, i, 1)) - 1)
                             * (array[3,7,9,10,5,8,4,2])[i]) % 11
                   when 10 then 'X' when 11 then '0'
                   else (11 - sum((strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, i, 1)) - 1)
                                  * (array[3,7,9,10,5,8,4,2])[i]) % 11)::text
               end = substr(code, 9, 1)
        from generate_series(1, 8) as i
    )
end;

-- GB/T 2260 code of any edition.
create or replace function quality.is_region(code text) returns boolean
language sql stable strict parallel safe
return exists (select 1 from control.region as r where r.region_code = code);

-- ISO date (YYYY-MM-DD) that exists. Whether all of it are digits is told by writing the date again (DateStyle is ISO),
-- which costs half of one translate and a tenth of a regular expression.
create or replace function quality.is_date(value text) returns boolean
language sql stable parallel safe
return case
    when value not like '____-__-__' then false
    when pg_input_is_valid(value, 'date') then value::date::text = value
    when value is not null then false
end;

-- ISO date or null; never an error.
create or replace function quality.to_date(value text) returns date
language sql stable parallel safe
return case when quality.is_date(value) then value::date end;

-- A date in one of the named formats as ISO text; null when none fits. Formats are a closed list, year first unless it says otherwise:
-- YYYY-MM-DD, YYYY/MM/DD, YYYY.MM.DD, YYYY年MM月DD日 (one-digit months and days too), YYYYMMDD, DD-MM-YYYY, EXCEL (serial, 1900 system);
-- a time of day behind a blank or T is dropped, after one with another offset than +08:00 was taken to Shanghai. Written
-- without capturing groups, which cost 30 µs a value.
create or replace function quality.iso_date(value text, formats text[]) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    format text;
    day text;
    moment text;
    clock constant text := '([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$';
begin
    foreach format in array formats loop
        day := case format
            when 'YYYY-MM-DD' then case when value ~ ('^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}' || clock) then value end
            when 'YYYY/MM/DD' then case when value ~ ('^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}' || clock) then translate(value, '/', '-') end
            when 'YYYY.MM.DD' then
                case when value ~ ('^[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}' || clock) then translate(value, '.', '-') end
            when 'YYYY年MM月DD日' then
                case when value ~ ('^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日' || clock) then translate(value, '年月日', '--') end
            when 'YYYYMMDD' then
                case when value ~ ('^[0-9]{8}' || clock)
                     then left(value, 4) || '-' || substr(value, 5, 2) || '-' || substr(value, 7, 2) end
            when 'DD-MM-YYYY' then
                case when value ~ ('^[0-9]{2}-[0-9]{2}-[0-9]{4}' || clock)
                     then substr(value, 7, 4) || '-' || substr(value, 4, 2) || '-' || left(value, 2) end
            when 'EXCEL' then
                case when value ~ '^[1-9][0-9]{4}([.][0-9]+)?$'
                     then to_char(date '1899-12-30' + split_part(value, '.', 1)::integer, 'YYYY-MM-DD') end
        end;
        if day is null then
            continue;
        end if;
        if length(day) <> 10 then
            day := split_part(translate(day, 'T', ' '), ' ', 1);
            day := split_part(day, '-', 1) || '-' || lpad(split_part(day, '-', 2), 2, '0')
                   || '-' || lpad(split_part(day, '-', 3), 2, '0');
        end if;
        if not pg_input_is_valid(day, 'date') then
            continue;
        end if;
        if value like '%:%' and value ~ ':[0-9]{2}(?:[.][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})$' and value !~ '[+]08:?00$' then
            moment := day || ' ' || substring(value from '[0-9]{1,2}:[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})$');
            return case when pg_input_is_valid(moment, 'timestamptz')
                        then to_char(moment::timestamptz at time zone 'Asia/Shanghai', 'YYYY-MM-DD') end;
        end if;
        return day;
    end loop;
    return null;
end
$$;

-- A date as the profile writes it as ISO text; null when it is in none of the formats.
create or replace function quality.day_text(value text, formats text[]) returns text
language sql stable parallel safe
return case when quality.is_date(value) then value else quality.iso_date(value, formats) end;

-- Whether an amount is written as we write it: 0.50, 1234.00. Told by writing the number again, see is_date.
create or replace function quality.is_plain_yuan(value text) returns boolean
language sql stable parallel safe
return case
    when value not like '%_.__' or octet_length(value) > 16 or value like '-%' then false
    when pg_input_is_valid(value, 'numeric') then value::numeric::text = value
    when value is not null then false
end;

create or replace function quality.is_amount(value text) returns boolean
language sql immutable parallel safe
return value ~ '^-?[0-9]{1,15}(?:[.][0-9]{1,6})?$' collate "C";

create or replace function quality.to_amount(value text) returns numeric
language sql stable parallel safe
return case
    when quality.is_plain_yuan(value) or value ~ '^-?[0-9]{1,15}(?:[.][0-9]{1,6})?$' collate "C" then value::numeric
end;

-- An amount as written (1,000.50; 28000元; 30万元) in 元 with two decimals as text; null when it is no amount. A comma
-- stands between groups of three digits; one that stands for the decimal point (1,5) makes it no amount.
-- default_unit (元 or 万元) holds when the text names none. Without capturing groups, see iso_date.
create or replace function quality.yuan(value text, default_unit text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    written constant text := replace(value, ',', '');
    unit constant text := case when written like '%万元' then '万元' when written like '%元' then '元' else default_unit end;
begin
    if value !~ '^-?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:[.][0-9]{1,6})?(?:万元|元)?$' then
        return null;
    end if;
    return round(rtrim(written, '万元')::numeric * case unit when '万元' then 10000 else 1 end, 2)::text;
end
$$;

-- An amount as the profile writes it in 元 with two decimals; null when it is no amount.
create or replace function quality.yuan_text(value text, default_unit text) returns text
language sql stable parallel safe
return case when default_unit = '元' and quality.is_plain_yuan(value) then value else quality.yuan(value, default_unit) end;

-- Tells whether a text was read as the type of its column (a date, an amount): what is empty passes.
create or replace function quality.was_read(value text, typed date) returns boolean
language sql immutable parallel safe
return value is null or typed is not null;

create or replace function quality.was_read(value text, typed numeric) returns boolean
language sql immutable parallel safe
return value is null or typed is not null;

-- 不合格项目: a JSON array of objects with item (some text), limit and measured (text or null, but there).
create or replace function quality.is_failed_items(value text) returns boolean
language plpgsql immutable strict parallel safe
as $$
begin
    if not pg_input_is_valid(value, 'jsonb') or jsonb_typeof(value::jsonb) <> 'array' then
        return false;
    end if;
    return not exists (
        select from jsonb_array_elements(value::jsonb) as e (item)
        where jsonb_typeof(e.item) <> 'object'
           or jsonb_typeof(e.item -> 'item') is distinct from 'string'
           or quality.clean_text(e.item ->> 'item') is null
           or coalesce(jsonb_typeof(e.item -> 'limit'), '') not in ('string', 'null')
           or coalesce(jsonb_typeof(e.item -> 'measured'), '') not in ('string', 'null'));
end
$$;

-- Number of failed items; 0 for none, null for what is no list of failed items.
create or replace function quality.failed_item_count(value text) returns integer
language plpgsql immutable parallel safe
as $$
begin
    return case when value is null then 0 when quality.is_failed_items(value) then jsonb_array_length(value::jsonb) end;
end
$$;

-- What no rule and no view uses any more.
drop function if exists quality.date_text(text, text[]);
drop function if exists quality.amount_text(text, text);

grant execute on all functions in schema quality to owner, loader, transformer, publisher;
