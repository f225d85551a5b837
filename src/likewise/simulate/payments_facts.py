BANDS = {}
def payment_facts(data, of): return {}
