"""A device on paho, told what to do by lines of JSON on standard input; what happens it says on standard output."""

import json
import socket
import sys

import paho.mqtt.client as mqtt

host, port, username, password, telemetry, commands = sys.argv[1:7]


def say(what, **more):
    print(json.dumps({"what": what, **more}), flush=True)


def connected(client, _data, flags, code):
    client.subscribe(commands, qos=1)
    say("connected", code=code, sessionPresent=bool(flags["session present"]))


def message(client, _data, received):
    say("message", topic=received.topic, payload=received.payload.decode())
    client.publish(received.topic + "/reply", '{"ok":true,"data":{"by":"paho"}}', qos=1)


device = mqtt.Client(client_id=username, clean_session=False, protocol=mqtt.MQTTv311)
device.username_pw_set(username, password)
device.will_set(telemetry, '{"values":{"conc":99}}', qos=1)
device.reconnect_delay_set(min_delay=1, max_delay=1)
device.on_connect = connected
device.on_message = message
device.on_subscribe = lambda *_: say("subscribed")
device.on_publish = lambda _client, _data, mid: say("published", mid=mid)
device.on_disconnect = lambda _client, _data, code: say("disconnected", code=code)
device.connect(host, int(port), keepalive=30)
device.loop_start()

for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "publish":
        sent = device.publish(telemetry, json.dumps(order["payload"]), qos=order["qos"], retain=order["retain"])
        say("publishing", mid=sent.mid)
    elif order["do"] == "lose":
        device.socket().shutdown(socket.SHUT_RDWR)
