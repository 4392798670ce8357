-- Grain: one accepted row of 行政处罚 (a version of one decision against one party); amounts in 元.
-- Left behind on purpose: legal_representative, party_id_type, party_id_no, party_address, maker, checker. Of the
-- identity number nothing goes on but whether the party was of age on the day of the decision: null for a natural
-- person whose number does not say it (a passport, an old or a wrong number).
select
    row_key as source_key,
    delivery_id,
    row_no,
    business_day as known_from,
    document_no,
    authority_uscc,
    authority_name,
    handling_office,
    party_key,
    party_name,
    party_kind,
    party_uscc,
    party_region_code,
    party_registration_no,
    related_check_no,
    violation_type,
    violation_fact,
    penalty_basis,
    penalty_kinds,
    penalty_content,
    license_revoked,
    procedure,
    service_mode,
    document as document_sha256,
    document_media_type,
    quality.to_amount(fine_amount) as fine_amount,
    quality.to_amount(confiscated_amount) as confiscated_amount,
    quality.to_date(decided_on) as decided_on,
    quality.to_date(served_on) as served_on,
    quality.to_date(publicity_notice_served_on) as publicity_notice_served_on,
    quality.to_date(repair_notice_served_on) as repair_notice_served_on,
    quality.to_date(performed_on) as performed_on,
    quality.to_date(restriction_until) as restriction_until,
    quality.to_date(valid_until) as valid_until,
    coalesce(
        not quality.is_minor(quality.clean_code(party_id_no), quality.to_date(decided_on)),
        nullif(party_kind <> '自然人', false)
    ) as party_is_of_age
from {{ source('amr_penalties', 'amr_penalties_accepted') }}
