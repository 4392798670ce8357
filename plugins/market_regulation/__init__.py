"""The platform's one Python package: it carries and checks; SQL decides (see README, "The house")."""
