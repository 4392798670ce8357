"""The questions that a plan puts to a person: about one payload of one version, or about one change of the rules."""

import datetime as dt

import psycopg

_QUESTIONS = """
insert into disclosure.review (
    review_id, record_key, payload_sha256, version, source_delivery_id, source_row_no, asked_by, asked_on, subject
)
select
    left(encode(sha256(convert_to(record_id || payload_sha256 || ':' || version, 'UTF8')), 'hex'), 16), record_id,
    payload_sha256, version, source_delivery_id, source_row_no, 'platform', %(day)s,
    concat_ws(' ', op, channel, record_type, coalesce(payload ->> 'authority_name', payload ->> 'CF_CFJG'),
              coalesce(payload ->> 'document_no', payload ->> 'CF_WSH', payload ->> 'sample_no'), 'due ' || due_on,
              'found ' || nullif(findings, ''))
from operation
where held_because in ('review_pending', 'redaction_review_open')
on conflict do nothing
"""

# What a change of the rules would do to public records on a channel is one question about the whole list.
_RULE_CHANGES = """
with listed as (
    insert into disclosure.rule_change (
        batch_sha256, record_id, channel, op, reason_code, rule_id, old_regime_id, new_regime_id, publish_until
    )
    select batch_sha256, record_id, channel, op, reason_code, rule_id, old_regime_id, new_regime_id, new_publish_until
    from operation
    where held_because = 'rule_review_pending'
    on conflict do nothing
)

insert into disclosure.review (review_id, record_key, payload_sha256, asked_by, asked_on, subject)
select
    left(encode(sha256(convert_to(batch_key || batch_sha256, 'UTF8')), 'hex'), 16), batch_key, batch_sha256,
    'platform', %(day)s,
    concat_ws(' ', 'change of the rules on', channel, 'from', rules_changed_on || ':',
              count(*) filter (where op = 'WITHDRAW'), 'WITHDRAW,', count(*) filter (where op = 'STOP'), 'STOP,',
              count(*) filter (where op = 'CORRECT'), 'CORRECT')
from operation
where held_because = 'rule_review_pending'
group by batch_key, batch_sha256, channel, rules_changed_on
on conflict do nothing
"""


def ask(connection: psycopg.Connection, day: dt.date) -> int:
    """Write the new questions of the plan in table ``operation`` and return their number. The caller commits.

    A question is asked once: what was asked before, on ``day`` (a business day) or earlier, is left as it is.
    """
    return sum(connection.execute(question, {"day": day}).rowcount for question in (_QUESTIONS, _RULE_CHANGES))
