"""The dossiers: VA for the payer, usages for the ARS (contract §5)."""
