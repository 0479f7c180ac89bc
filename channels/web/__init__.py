"""The web app: pages for people, made by NiceGUI on FastAPI; it holds no rule of the business."""
