print("quartermaster-agent")
