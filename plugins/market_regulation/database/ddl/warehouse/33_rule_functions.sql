-- Functions of the acceptance rules beyond those of 31_quality_functions.sql: text in, verdict out, null in gives null
-- out, never an error. A clean row is answered by the cheapest test. SQL ones are written so that PostgreSQL puts them
-- into the query instead of calling them: strict only where the expression itself is (no CASE, no OR).

-- 设备代码 (18 characters) or legacy 注册代码 (20 digits), domain 6.2: 品种, maker or division, year or month, number.
create or replace function quality.is_device_code(code text) returns boolean
language sql immutable strict parallel safe
return code ~ '^[1-9F][0-9A-Z]{2}0(?:[0-9]{5}(?:19|20)[0-9]{2}[0-9A-Z]{5}|[0-9]{6}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{4})$';

-- Year (four digits) in a device code, year and month (six) in a registration code; comparable with a day without hyphens.
create or replace function quality.device_made_in(code text) returns text
language sql immutable parallel safe
return case char_length(code) when 18 then substr(code, 10, 4) when 20 then substr(code, 11, 6) end;

-- First three characters of the 使用登记证编号 of a device: kind and second and third character of its 品种 (domain 6.2).
-- Null for kinds that are not registered for use (压力管道元件 7, 安全附件 F).
create or replace function quality.use_certificate_start(device_code text) returns text
language sql immutable parallel safe
return case
    when device_code like '23%' then '瓶' || substr(device_code, 2, 2)
    when device_code ~ '^[1-689]' then translate(left(device_code, 1), '12345689', '锅容梯起车游管索') || substr(device_code, 2, 2)
end;

-- Whether characters 9 to 17 of a USCC are a 组织机构代码 (GB 11714). Asked of codes whose own check character is right
-- only: null for any other, whose defect is another rule's.
create or replace function quality.uscc_holds_organisation_code(code text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    worth constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223';
    b bytea;
begin
    if code !~ '^[0-9A-Z]{16}[0-9X][0-9A-Z]$' then
        return case when quality.is_uscc(code) then false end;
    end if;
    b := code::bytea;
    if (get_byte(worth, get_byte(b, 8) - 48) * 3 + get_byte(worth, get_byte(b, 9) - 48) * 7
        + get_byte(worth, get_byte(b, 10) - 48) * 9 + get_byte(worth, get_byte(b, 11) - 48) * 10
        + get_byte(worth, get_byte(b, 12) - 48) * 5 + get_byte(worth, get_byte(b, 13) - 48) * 8
        + get_byte(worth, get_byte(b, 14) - 48) * 4 + get_byte(worth, get_byte(b, 15) - 48) * 2
        + case get_byte(b, 16) when 88 then 10 else get_byte(b, 16) - 48 end) % 11 = 0 then
        return true;
    end if;
    return case when quality.is_uscc(code) then false end;
end
$$;

-- A USCC, or the 组织机构代码 that came before it, with or without its hyphen (12345678-9).
create or replace function quality.is_organisation(code text) returns boolean
language sql immutable parallel safe
return quality.is_uscc(code) or quality.is_organisation_code(regexp_replace(code, '^(.{8})-', '\1'));

-- 15-digit 工商注册号: check digit of ISO 7064 MOD 11,10 (domain 1.3).
create or replace function quality.is_registration_no(code text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    b bytea;
    s integer;
    p integer := 10;
begin
    if code !~ '^[0-9]{15}$' then
        return false;
    end if;
    b := code::bytea;
    for place in 0..13 loop
        s := (p + get_byte(b, place) - 48) % 10;
        p := case s when 0 then 20 else 2 * s end % 11;
    end loop;
    return (11 - p) % 10 = get_byte(b, 14) - 48;
end
$$;

-- 公民身份号码, GB 11643: a day of birth that exists and the check character of ISO 7064 MOD 11-2.
create or replace function quality.is_identity_number(code text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    b bytea;
begin
    if code !~ '^[1-8][0-9]{16}[0-9X]$' or not pg_input_is_valid(substr(code, 7, 8), 'date') then
        return false;
    end if;
    b := translate(code, '0123456789X', '@ABCDEFGHIJ')::bytea;  -- the lower half of each byte is the value
    return (7 * (get_byte(b, 0) + get_byte(b, 10)) + 9 * (get_byte(b, 1) + get_byte(b, 11))
          + 10 * (get_byte(b, 2) + get_byte(b, 12)) + 5 * (get_byte(b, 3) + get_byte(b, 13))
          + 8 * (get_byte(b, 4) + get_byte(b, 14)) + 4 * (get_byte(b, 5) + get_byte(b, 15))
          + 2 * (get_byte(b, 6) + get_byte(b, 16)) + get_byte(b, 7) + 6 * get_byte(b, 8) + 3 * get_byte(b, 9)
          + get_byte(b, 17) - 64 * 101) % 11 = 1;
end
$$;

-- Birthday within an identity number of 18 digits (GB 11643) or of the old 15; null for anything else.
create or replace function quality.born_on(code text) returns date
language sql immutable strict parallel safe
return case
    when quality.is_identity_number(upper(code)) then substr(code, 7, 8)::date
    when code ~ '^[1-8][0-9]{14}$' and pg_input_is_valid('19' || substr(code, 7, 6), 'date') then ('19' || substr(code, 7, 6))::date
end;

-- P07: whether the fines that the text names in figures (罚款2000元, 罚款人民币2.5万元, 2000元罚款) hold this amount, alone
-- or as their sum. Null when it names none.
create or replace function quality.names_fine(value text, amount numeric) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    written text;
    named numeric[];
begin
    if value !~ '[0-9０-９] *(?:万|元)' or value !~ '罚款' then
        return null;
    end if;
    written := regexp_replace(normalize(value, nfkc), '([0-9]),([0-9])', '\1\2', 'g');
    select array_agg(coalesce(m[1], m[3])::numeric * case coalesce(m[2], m[4]) when '元' then 1 else 10000 end) into named
    from regexp_matches(
        written,
        '罚款[^0-9,;。]{0,8}([0-9]{1,15}(?:[.][0-9]{1,6})?) *(万|元)|([0-9]{1,15}(?:[.][0-9]{1,6})?) *(万|元)元?的?罚款', 'g'
    ) as m;
    return amount = any (named) or amount = (select sum(n) from unnest(named) as n);
end
$$;

-- P13: whether the text takes at most so many bytes in GB 18030 (never more than twice its bytes in UTF-8). One with
-- more characters than that passes: it is the defect of another rule.
create or replace function quality.fits_gb18030(value text, bytes integer) returns boolean
language sql stable parallel safe
return octet_length(value) * 2 <= bytes or char_length(value) > bytes
    or octet_length(convert_to(value, 'GB18030')) <= bytes;

-- Year in the 文号, the four digits between 〔 and 〕.
create or replace function quality.document_year(document_no text) returns text
language sql immutable strict parallel safe
return substring(document_no, '〔([0-9]{4})〕');

-- Day in Shanghai of a moment written with its offset; null for what is none.
create or replace function quality.shanghai_day(moment text) returns date
language sql stable parallel safe
return case when pg_input_is_valid(moment, 'timestamptz') then (moment::timestamptz at time zone 'Asia/Shanghai')::date end;

grant execute on all functions in schema quality to owner, loader, transformer, publisher;
