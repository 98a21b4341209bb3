"""What a patient-month would come to if its facts were others."""
