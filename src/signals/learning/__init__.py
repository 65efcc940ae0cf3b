"""What is normal for one series or one account, learnt as it comes: arithmetic that knows no account and no rule."""
