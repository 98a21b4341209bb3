-- The days of each paper and of office visits, between which a patient's time may count.
days AS (
    SELECT patient_id, 'enrolled' AS paper, started_on AS since, ended_on AS until
    FROM patients_enrollment WHERE practice_id = %(practice)s
    UNION ALL
    SELECT patient_id, 'agreed', given_on, revoked_on
    FROM patients_consent WHERE practice_id = %(practice)s
    UNION ALL
    SELECT enrollment.patient_id, 'ordered', signed_order.signed_on, enrollment.ended_on
    FROM patients_order AS signed_order
    JOIN patients_enrollment AS enrollment ON enrollment.id = signed_order.enrollment_id
    WHERE signed_order.practice_id = %(practice)s
      AND signed_order.withdrawn_at IS NULL
      AND (signed_order.signature = 'own' OR %(transcripts)s = 'any'
           OR (%(transcripts)s = 'scan' AND signed_order.scan_id IS NOT NULL))
    UNION ALL
    SELECT patient_id, 'visit', visited_on, visited_on + 1
    FROM patients_officevisit WHERE practice_id = %(practice)s AND NOT withdrawn AND %(visits_out)s
)
