"""What goes back to a submitter: rejected rows with reasons and advice, or the notice of a refusal."""
