def estimated(of, data): return {}
def from_published(of, facts): return {}
