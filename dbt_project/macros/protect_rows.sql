{% macro protect_rows() -%}
    {%- set meta = model.config.meta -%}
    {%- set columns = meta.get('region_columns', []) -%}
    {%- set full_readers = model.config.grants['select'] | reject('equalto', 'bi_region_reader') | join(', ') -%}
    {%- set own_rows = 'true' if meta.get('every_region') else columns | join(', ') or 'false' -%}
    {%- set rule = full_readers ~ ': every row; bi_region_reader: ' ~ own_rows -%}
    {%- if model.config.materialized == 'view' -%}
        {%- if columns and 'in_readers_region(' in model.raw_code -%}
            alter view {{ this }} set (security_barrier = true)
        {%- elif columns -%}
            alter view {{ this }} set (security_invoker = true, security_barrier = true)
        {%- elif not meta.get('every_region') -%}
            revoke select on {{ this }} from bi_region_reader
        {%- endif -%}
    {%- elif row_policy(this) != rule -%}
        alter table {{ this }} enable row level security;
        drop policy if exists every_row on {{ this }};
        drop policy if exists own_rows on {{ this }};
        create policy every_row on {{ this }} for select to {{ full_readers }} using (true);
        create policy own_rows on {{ this }} for select to bi_region_reader using (
            {%- for column in columns -%}
                {{ column }} in (select r.region_code from control.readable_region as r)
                {{- ' or ' if not loop.last }}
            {%- else -%}
                {{ own_rows }}
            {%- endfor -%}
        );
        comment on policy own_rows on {{ this }} is '{{ rule }}'
    {%- endif -%}
{%- endmacro %}
