{% macro versions_of() -%}
    {{- return({
        'case_events': 'int_case_events_versioned',
        'cnca_validity_checks': 'int_ccc_checks_versioned',
        'cnca_certificates': 'int_certificates_versioned',
        'registry_enterprises': 'int_enterprises_versioned',
        'agency_inspections': 'int_inspections_versioned',
        'amr_penalties': 'int_penalties_versioned',
        'samr_spot_checks': 'int_spot_checks_versioned',
        'amr_serious_listings': 'int_serious_listings_versioned',
        'amr_supervision_checks': 'int_supervision_checks_versioned',
        'other_department_penalties': 'int_other_dept_penalties_versioned',
    }) -}}
{%- endmacro %}
